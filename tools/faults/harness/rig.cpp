// SPDX-License-Identifier: MIT
#include "tools/faults/harness/rig.hpp"

#include "system/isolation/private_mounts.hpp"
#include "tools/faults/common/package_source.hpp"
#include "tools/faults/common/process_look.hpp"
#include "tools/faults/harness/program_start.hpp"
#include "tools/faults/harness/rig_support.hpp"

#include <fmt/format.h>

#include <sys/mount.h>
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
#include <sched.h>
#include <stdexcept>
#include <unistd.h>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;
using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Far above anything that is meant to happen: what takes longer hangs.
constexpr std::chrono::seconds longest_run{60};

// Where all are killed before a next start that has a fault of its own: two environments live.
constexpr const char* middle_of_the_scenario = "launcher: is about to end an environment";

constexpr const char* memory = "/dev/shm";

void hand_over(const files::path& folder, const cycle& what) {
    files::create_directories(folder);
    if (what.ordinary_user && ::chown(folder.c_str(), made_up_user(), made_up_user()) != 0)
        throw std::runtime_error{fmt::format("cannot give {} to a user", folder.string())};
}

} // namespace

rig::rig(const programs& built, const files::path& place)
    : folder_(place / fmt::format("gestvenv-rig-{}", ::getpid())), sweep_(folder_, made_up_user()),
      groups_(sweep_), quiet_(folder_ / "quiet"), work_(folder_ / "work") {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    take_memory_of_its_own();
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
}

rig::~rig() {
    std::error_code ignored; // what stays is in a temporary folder
    files::remove_all(folder_, ignored);
    if (has_memory_of_its_own_)
        ::umount2(memory, MNT_DETACH);
}

// The default root of storages in memory is below /dev/shm, for all programs of a user: each start looks
// there for what others left. So that rigs do not see each other's, each mounts a memory over it, in a mount
// namespace that begins here. Without the privilege for that, the root is shared.
void rig::take_memory_of_its_own() {
    static const bool apart = ::unshare(CLONE_NEWNS) == 0 && make_mounts_private() == 0;
    has_memory_of_its_own_ =
        apart && ::mount("tmpfs", memory, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") == 0;
}

cycle_report rig::run(const cycle& asked) {
    cycle_report report;
    auto what = asked;
    if (what.ordinary_user && !users_have_namespaces())
        what.best = containment::subreaper;
    clear();
    hand_over(work_, what);
    auto quiet = what;
    quiet.kind = fault_kind::none;
    quiet.kind_before = fault_kind::none;
    quiet.beside_another = false;
    // What is learnt of the interpreter is kept for all cycles: it takes a process, and is not what is
    // tested.
    auto home = folder_ / (what.ordinary_user ? "users-home" : "home");
    if (!files::exists(home)) {
        hand_over(home, what);
        plan(quiet);
        play(quiet, part::use, report);
    }
    if (what.follows_another)
        play_one_before(quiet, report);
    auto first = what;
    if (what.in_recovery) {
        first.in_recovery = false;
        first.kind_before = fault_kind::none;
        first.kind =
            what.leaves_stopped_keepers ? fault_kind::stop_keepers_and_kill_others : fault_kind::kill_all;
        first.step = middle_of_the_scenario;
        first.occurrence = 1;
    }
    plan(first);
    auto how = play(first, what.installs ? part::install : part::use, report);
    wait_until_quiet(first, how, report);
    const bool unfinished =
        may_leave_some_in_the_journal(first) &&
        content_of(report_of(part::use, work_)).find("what is left is in the journal") != std::string::npos;
    if (!leaves_the_rest_to_the_next_start(first) && !unfinished) {
        look_for_resources(report, "before the next start");
        report.until_nothing = std::max(report.until_nothing, since(how.over));
    }
    note_steps(report);
    if (what.in_recovery) {
        if (what.loses_journal)
            lose_the_journal(what);
        plan(what);
        how = play(what, part::recover, report);
        note_steps(report);
        wait_until_quiet(what, how, report);
    }
    plan(quiet);
    play(quiet, part::after, report);
    note_steps(report);
    look_for_processes(report, "after the next start");
    look_for_resources(report, "after the next start");
    look_for_state(what, report);
    for (auto did : {part::use, part::recover, part::beside, part::after})
        report.said += content_of(report_of(did, work_));
    report.said += content_of(work_ / "errors");
    return report;
}

// Its report is not taken for that of the run with the fault.
void rig::play_one_before(const cycle& what, cycle_report& report) {
    plan(what);
    const auto how = play(what, part::use, report);
    wait_until_quiet(what, how, report);
    report.said += content_of(report_of(part::use, work_));
    files::remove(report_of(part::use, work_));
}

void rig::clear() {
    std::error_code problem;
    files::remove_all(work_, problem);
    if (problem)
        throw std::runtime_error{fmt::format("cannot remove {}: {}", work_.string(), problem.message())};
    strangers_.clear();
    for (const auto& there : storages())
        strangers_.insert(there);
}

// What is left is known by its markers and locks alone then.
void rig::lose_the_journal(const cycle& what) const {
    std::error_code problem;
    for (const auto& entry : files::recursive_directory_iterator{work_ / "state"})
        if (entry.path().filename().string().starts_with("journal"))
            files::remove(entry.path(), problem);
    if (problem)
        throw std::runtime_error{fmt::format("cannot remove a journal: {}", problem.message())};
    // A group is taken for orphaned when it is old enough not to be in the making.
    if (!what.ordinary_user)
        ::poll(nullptr, 0, 1100);
}

void rig::plan(const cycle& what) {
    plan_->planned = 0;
    auto add = [this](fault_kind kind, const std::string& step, std::uint32_t occurrence,
                      std::uint32_t times) {
        if (kind == fault_kind::none)
            return;
        auto& fault = plan_->faults.at(plan_->planned++);
        fault = {kind, occurrence, times, {}};
        step.copy(fault.step.data(), fault.step.size() - 1);
    };
    add(what.kind_before, what.step_before, 1, what.times_before);
    add(what.kind, what.step, what.occurrence, 1);
    plan_->struck = 0;
    plan_->times_met = 0;
    plan_->state = fault_plan::call::quiet;
    plan_->launcher = 0;
    plan_->clock_jump = 0;
    plan_->file_error = 0;
    plan_->count = 0;
    for (auto& step : plan_->met) {
        step.ready = false;
        step.times = 0;
        step.has_sender = false;
    }
}

void rig::note_steps(cycle_report& report) const {
    const auto count = std::min<std::size_t>(plan_->count.load(), fault_plan::most_steps);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& step = plan_->met[i];
        if (!step.ready.load())
            continue; // the process that met it was killed at this moment
        auto same = std::find_if(report.met.begin(), report.met.end(),
                                 [&step](const auto& known) { return known.name == step.name.data(); });
        if (same == report.met.end())
            same = report.met.insert(same, {step.name.data(), 0, false});
        same->times += step.times.load();
        same->has_sender |= step.has_sender.load();
    }
}

pid_t rig::start(const cycle& what, part does) const {
    const auto& place = does == part::beside ? quiet_ : folder_;
    auto home = fmt::format("HOME={}", (folder_ / (what.ordinary_user ? "users-home" : "home")).string());
    const char* name = "use";
    switch (does) {
    case part::use:
        break;
    case part::install:
        name = "install";
        break;
    case part::recover:
        name = "recover";
        break;
    case part::beside:
        name = "beside";
        break;
    case part::after:
        name = "after";
        break;
    }
    const auto groups = fmt::format("{}={}", groups_variable, fmt::join(groups_.paths(), ":"));
    std::vector<std::string> words{(place / "subject").string(),
                                   name,
                                   work_.string(),
                                   (place / "gestvenv-launcher").string(),
                                   std::string{gestvenv::to_string(what.storage)},
                                   std::string{gestvenv::to_string(what.best)},
                                   what.default_roots ? "default-roots" : "own-root",
                                   what.automatic_recovery ? "by-itself" : "asked",
                                   what.waits_for_the_fault ? "waiting" : "at-once"};
    std::vector<std::string> variables{home, "PATH=/usr/local/bin:/usr/bin:/bin",
                                       "GESTVENV_TOOLS=" + demo_tools(folder_).string(), groups};
    auto arguments = pointers_to(words);
    auto environment = pointers_to(variables);
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
             (WTERMSIG(status) != SIGKILL || did == part::beside || !kills_runtime(what)))
        report.faults.push_back(fmt::format("{} ended by signal {}", who, WTERMSIG(status)));
}

rig::played rig::play(const cycle& what, part does, cycle_report& report) {
    pid_t other = what.beside_another ? start(what, part::beside) : -1;
    pid_t program = start(what, does);
    const pid_t runtime = program;
    const auto deadline = clock::now() + longest_run;
    played result;
    std::optional<clock::time_point> struck;
    watch_.reset();
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
            begin_watch();
            struck = clock::now();
            carry_out(plan_->called_for.load(), runtime);
            plan_->state.store(fault_plan::call::carried_out);
            wake(*plan_);
        }
        if (!late && clock::now() > deadline) {
            late = true;
            for (auto pid : {program, other})
                if (pid > 0)
                    ::kill(pid, SIGKILL);
        }
        if (watch_)
            watch_->look();
        await(*plan_, plan_->state.load(), 0.0005);
    }
    if (plan_->planned > 0)
        report.struck = plan_->all_struck();
    if (watch_)
        end_watch(what, does, report);
    read_report(what, does, plan_->struck.load() > 0, report);
    // Another program takes its own time.
    result.over = struck && !result.ended_by_itself && !what.beside_another ? *struck : clock::now();
    return result;
}

void rig::carry_out(fault_kind kind, pid_t runtime) const {
    const pid_t launcher = plan_->launcher.load();
    std::vector<pid_t> dying;
    if (kills_runtime(kind))
        dying.push_back(runtime);
    if (launcher > 0) {
        if (kills_launcher(kind))
            dying.push_back(launcher);
        for (const auto& below : living_below(launcher)) {
            if (!is_keeper(below.pid))
                continue;
            if (kills_keepers(kind))
                dying.push_back(below.pid);
            if (kind == fault_kind::stop_keepers_and_kill_others)
                ::kill(below.pid, SIGSTOP);
        }
    }
    for (auto pid : dying)
        ::kill(pid, SIGKILL);
    if (kills_launcher(kind))
        plan_->launcher.store(0); // the number may be another process's soon
}

} // namespace gestvenv::faults
