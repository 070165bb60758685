#include "tools/faults/rig.hpp"

#include "system/launcher/process_tree.hpp"
#include "system/limits/cgroup_tree.hpp"
#include "tools/faults/package_source.hpp"

#include <fmt/format.h>

#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <iterator>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <unistd.h>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;
using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Far above anything that is meant to happen: what takes longer hangs.
constexpr std::chrono::seconds longest_run{60};
constexpr std::chrono::seconds longest_quieting{10};

// Where everybody is killed before a next start that has a fault of its own: two environments live.
constexpr const char* middle_of_the_scenario = "launcher: is about to end an environment";

std::string content_of(const files::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

// A user who has nothing and is nobody else.
uid_t made_up_user() {
    static const auto user = 70'000 + static_cast<uid_t>(::getpid() % 20'000); // a child's is its parent's
    return user;
}

bool is_keeper(pid_t pid) {
    return content_of(fmt::format("/proc/{}/comm", pid)) == "gestvenv-keeper\n";
}

std::string describe(pid_t pid) {
    auto words = content_of(fmt::format("/proc/{}/cmdline", pid));
    std::replace(words.begin(), words.end(), '\0', ' ');
    return fmt::format("{} ({})", pid, words);
}

// The launcher's work is done when it ends by itself; with it killed as well, the rest is the next start's.
bool leaves_the_rest_to_the_next_start(fault_kind kind) {
    return kind == fault_kind::kill_runtime_and_launcher || kind == fault_kind::kill_all;
}

bool kills_runtime(fault_kind kind) {
    return kind == fault_kind::kill_runtime || leaves_the_rest_to_the_next_start(kind);
}

bool kills_launcher(fault_kind kind) {
    return kind == fault_kind::kill_launcher || leaves_the_rest_to_the_next_start(kind);
}

// The groups that the rig made are its own user's.
bool has_groups(const cycle& what) {
    return what.best == containment::cgroup && !what.ordinary_user;
}

void hand_over(const files::path& folder, const cycle& what) {
    files::create_directories(folder);
    if (what.ordinary_user && ::chown(folder.c_str(), made_up_user(), made_up_user()) != 0)
        throw std::runtime_error{fmt::format("cannot give {} to a user", folder.string())};
}

} // namespace

std::string to_string(const cycle& what) {
    return fmt::format(
        "{} at '{}' (time {}{}), storage {}, containment {}, {}{}{}", to_string(what.kind), what.step,
        what.occurrence, what.in_recovery ? ", in the next start" : "", to_string(what.storage),
        to_string(what.best), what.ordinary_user ? "an ordinary user" : "this user",
        what.installs ? ", with an installation" : "", what.beside_another ? ", beside another program" : "");
}

rig::rig(const programs& built, const files::path& place)
    : folder_(place / fmt::format("gestvenv-rig-{}", ::getpid())), quiet_(folder_ / "quiet"),
      work_(folder_ / "work") {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    files::create_directories(folder_);
    // Both look for the plan beside themselves.
    for (const auto& beside : {folder_, quiet_}) {
        files::create_directories(beside);
        files::copy_file(built.subject, beside / "subject", files::copy_options::overwrite_existing);
        files::copy_file(built.launcher, beside / "gestvenv-launcher",
                         files::copy_options::overwrite_existing);
    }
    make_package_source(folder_);
    plan_ = map_plan(folder_ / plan_file, true);
    if (plan_ == nullptr)
        throw std::runtime_error{fmt::format("cannot make the plan in {}", folder_.string())};
    std::vector<outcome<cgroup_tree>> trees;
    trees.push_back(cgroup_tree::find());
    for (const char* controller : {"memory", "pids", "cpu"})
        trees.push_back(cgroup_tree::find_version_one(controller));
    for (const auto& tree : trees) {
        if (!tree)
            continue; // then no environment has groups there either
        auto own = tree->parent();
        auto inside = tree->make(fmt::format("gestvenv-rig-{}", ::getpid()));
        auto outside = cgroup::open_made(own.substr(0, own.rfind('/')));
        if (!inside || !outside || !inside->join())
            continue; // the same hierarchy once more
        outside_.push_back(std::move(*outside));
        inside_.push_back(std::move(*inside));
    }
}

rig::~rig() {
    for (const auto& group : outside_)
        (void)group.join();
    for (const auto& group : inside_) {
        (void)group.remove();
        ::rmdir(files::path{group.path()}.parent_path().c_str());
    }
    std::error_code ignored; // what stays is in a temporary folder
    files::remove_all(folder_, ignored);
}

cycle_report rig::run(const cycle& what) {
    cycle_report report;
    clear();
    hand_over(work_, what);
    // What is learnt of the interpreter is kept for all cycles: it takes a process, and is not what is
    // tested.
    auto home = folder_ / (what.ordinary_user ? "users-home" : "home");
    if (!files::exists(home)) {
        hand_over(home, what);
        auto quiet = what;
        quiet.kind = fault_kind::none;
        quiet.beside_another = false;
        plan(quiet);
        play(quiet, part::use, report);
    }
    auto first = what;
    if (what.in_recovery)
        first = {what.storage,
                 what.best,
                 what.ordinary_user,
                 what.beside_another,
                 what.installs,
                 false,
                 fault_kind::kill_all,
                 middle_of_the_scenario,
                 1};
    plan(first);
    auto how = play(first, part::use, report);
    wait_until_quiet(first, how, report);
    const bool unfinished =
        content_of(work_ / "report").find("what is left is in the journal") != std::string::npos;
    if (!leaves_the_rest_to_the_next_start(first.kind) && !unfinished)
        look_for_resources(report, "before the next start");
    note_steps(report);
    if (what.in_recovery) {
        plan(what);
        how = play(what, part::recover, report);
        note_steps(report);
        wait_until_quiet(what, how, report);
    }
    auto quiet = what;
    quiet.kind = fault_kind::none;
    quiet.beside_another = false;
    plan(quiet);
    play(quiet, part::recover, report);
    look_for_processes(report, "after the next start");
    look_for_resources(report, "after the next start");
    look_for_state(report);
    report.said = content_of(work_ / "report") + content_of(work_ / "errors");
    return report;
}

void rig::clear() {
    std::error_code problem;
    files::remove_all(work_, problem);
    if (problem)
        throw std::runtime_error{fmt::format("cannot remove {}: {}", work_.string(), problem.message())};
}

void rig::plan(const cycle& what) {
    plan_->kind = what.kind;
    plan_->occurrence = what.occurrence;
    plan_->step = {};
    what.step.copy(plan_->step.data(), plan_->step.size() - 1);
    plan_->records = what.kind == fault_kind::none;
    plan_->times_met = 0;
    plan_->state = fault_plan::call::quiet;
    plan_->launcher = 0;
    plan_->clock_jump = 0;
    plan_->file_error = 0;
    plan_->count = 0;
    plan_->met = {};
}

// Those of the last run, if that had no fault.
void rig::note_steps(cycle_report& report) const {
    report.met.clear();
    for (std::size_t i = 0; i < plan_->count; ++i)
        report.met.push_back({plan_->met[i].name.data(), plan_->met[i].times, plan_->met[i].has_sender});
}

pid_t rig::start(const cycle& what, part does) const {
    const auto& place = does == part::beside ? quiet_ : folder_;
    auto home = fmt::format("HOME={}", (folder_ / (what.ordinary_user ? "users-home" : "home")).string());
    std::vector<std::string> words{(place / "subject").string(),
                                   does == part::use       ? what.installs ? "install" : "use"
                                   : does == part::recover ? "recover"
                                                           : "beside",
                                   work_.string(),
                                   (place / "gestvenv-launcher").string(),
                                   std::string{gestvenv::to_string(what.storage)},
                                   std::string{gestvenv::to_string(what.best)}};
    std::vector<std::string> variables{home, "PATH=/usr/local/bin:/usr/bin:/bin",
                                       "GESTVENV_TOOLS=" + demo_tools(folder_).string()};
    auto pointers = [](std::vector<std::string>& texts) {
        std::vector<char*> result;
        for (auto& text : texts)
            result.push_back(text.data());
        result.push_back(nullptr);
        return result;
    };
    auto arguments = pointers(words);
    auto environment = pointers(variables);
    const auto errors = (work_ / "errors").string();
    auto pid = ::fork();
    if (pid < 0)
        throw std::runtime_error{
            fmt::format("cannot fork: {}", std::strerror(errno))}; // NOLINT(concurrency-mt-unsafe)
    if (pid > 0)
        return pid;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    auto user = made_up_user();
    if (what.ordinary_user && (::setgroups(0, nullptr) != 0 || ::setresgid(user, user, user) != 0 ||
                               ::setresuid(user, user, user) != 0))
        ::_exit(90);
    int file = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, STDERR_FILENO);
    ::dup2(file, STDOUT_FILENO);
    ::execve(arguments[0], arguments.data(), environment.data());
    ::_exit(91);
}

void rig::judge(const cycle& what, part did, int status, bool late, cycle_report& report) const {
    const char* who = did == part::beside ? "the other program" : "the program";
    if (late)
        report.faults.push_back(fmt::format("{} did not end within 60 s", who));
    else if (WIFEXITED(status) && WEXITSTATUS(status) == 3)
        report.faults.push_back(fmt::format("{} has more descriptors open than before", who));
    else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        report.faults.push_back(fmt::format("{} ended with status {}", who, WEXITSTATUS(status)));
    else if (WIFSIGNALED(status) &&
             (WTERMSIG(status) != SIGKILL || did == part::beside || !kills_runtime(what.kind)))
        report.faults.push_back(fmt::format("{} ended by signal {}", who, WTERMSIG(status)));
}

rig::played rig::play(const cycle& what, part does, cycle_report& report) {
    pid_t other = what.beside_another ? start(what, part::beside) : -1;
    pid_t program = start(what, does);
    const pid_t runtime = program;
    const auto deadline = clock::now() + longest_run;
    played result;
    std::optional<clock::time_point> struck;
    bool late = false;
    while (program > 0 || other > 0) {
        int status = 0;
        auto ended = ::waitpid(-1, &status, WNOHANG); // orphans come to us as well
        if (ended > 0 && ended == program) {
            result.ended_by_itself = WIFEXITED(status);
            judge(what, does, status, late, report);
            program = -1;
        } else if (ended > 0 && ended == other) {
            judge(what, part::beside, status, late, report);
            other = -1;
        }
        if (ended > 0)
            continue;
        if (plan_->state.load() == fault_plan::call::waiting) {
            struck = clock::now();
            carry_out(what.kind, runtime);
            plan_->state.store(fault_plan::call::carried_out);
            wake(*plan_);
        }
        if (!late && clock::now() > deadline) {
            late = true;
            for (auto pid : {program, other})
                if (pid > 0)
                    ::kill(pid, SIGKILL);
        }
        await(*plan_, plan_->state.load(), 0.0005);
    }
    if (what.kind != fault_kind::none)
        report.struck = plan_->state.load() == fault_plan::call::carried_out;
    // Another program takes its own time.
    result.over = struck && !result.ended_by_itself && !what.beside_another ? *struck : clock::now();
    return result;
}

void rig::carry_out(fault_kind kind, pid_t runtime) const {
    const pid_t launcher = plan_->launcher.load();
    std::vector<pid_t> dying;
    auto add_keepers = [&] {
        for (auto pid : living_descendants(launcher))
            if (is_keeper(pid))
                dying.push_back(pid);
    };
    if (kills_runtime(kind))
        dying.push_back(runtime);
    if (launcher > 0) {
        if (kills_launcher(kind))
            dying.push_back(launcher);
        if (kind == fault_kind::kill_keepers || kind == fault_kind::kill_all)
            add_keepers();
    }
    for (auto pid : dying)
        ::kill(pid, SIGKILL);
}

namespace {

/// Reaps what has been given to us; what still lives at the deadline.
std::vector<pid_t> wait_for_descendants(clock::time_point deadline) {
    for (;;) {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        auto left = living_descendants(::getpid());
        if (left.empty() || clock::now() >= deadline)
            return left;
        ::poll(nullptr, 0, 1);
    }
}

} // namespace

void rig::wait_until_quiet(const cycle& what, const played& how, cycle_report& report) {
    // With a group they are the next start's, which is perhaps just being disturbed.
    const bool may_outlive = (what.kind == fault_kind::kill_all && what.best != containment::pid_namespace) ||
                             (what.in_recovery && has_groups(what));
    auto left = wait_for_descendants(may_outlive ? how.over + 100ms : clock::now() + longest_quieting);
    if (!may_outlive) {
        report.until_quiet =
            std::max(report.until_quiet,
                     std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - how.over));
        return look_for_processes(report, "after the program's end");
    }
    // The one case in which only the next start can help, where there is a group, or nobody.
    report.outlived = std::max(report.outlived, left.size());
    if (!has_groups(what))
        for (auto pid : left)
            ::kill(pid, SIGKILL);
}

void rig::look_for_processes(cycle_report& report, const char* when) const {
    for (auto pid : wait_for_descendants(clock::now() + longest_quieting)) {
        report.faults.push_back(fmt::format("{}: process {} lives", when, describe(pid)));
        ::kill(pid, SIGKILL);
    }
}

void rig::look_for_resources(cycle_report& report, const char* when) const {
    std::error_code absent; // nothing there is what is hoped for
    for (const auto& entry : files::directory_iterator{work_ / "storage", absent})
        report.faults.push_back(fmt::format("{}: {} is there", when, entry.path().string()));
    for (const auto& group : inside_)
        for (const auto& entry : files::recursive_directory_iterator{group.path(), absent})
            if (entry.is_directory(absent))
                report.faults.push_back(
                    fmt::format("{}: the group {} is there", when, entry.path().string()));
    std::ifstream mounts{"/proc/self/mountinfo"};
    for (std::string line; std::getline(mounts, line);)
        if (line.find(folder_.string()) != std::string::npos ||
            line.find("gestvenv-ephemeral") != std::string::npos)
            report.faults.push_back(fmt::format("{}: mounted: {}", when, line));
}

void rig::look_for_state(cycle_report& report) const {
    std::error_code absent;
    for (const auto& entry : files::directory_iterator{work_ / "state", absent})
        if (entry.is_directory())
            report.faults.push_back(
                fmt::format("after the next start: the state folder {} is there", entry.path().string()));
}

} // namespace gestvenv::faults
