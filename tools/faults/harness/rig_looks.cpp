// SPDX-License-Identifier: MIT
// The rig's looks at the machine, and at what the programs wrote down.
#include "system/journal/state_folder.hpp"
#include "system/storage/owner_marker.hpp"
#include "tools/faults/common/process_look.hpp"
#include "tools/faults/harness/rig.hpp"
#include "tools/faults/harness/rig_support.hpp"

#include <fmt/format.h>

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sstream>
#include <unistd.h>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;
using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Far above anything that is meant to happen: what takes longer hangs.
constexpr std::chrono::seconds longest_quieting{10};
// What README.md promises after a kill.
constexpr std::chrono::milliseconds promised = 1s;

// No fault of this program's: it has to go on as if nothing had been.
bool disturbs_no_process(fault_kind kind) {
    return kind == fault_kind::none || kind == fault_kind::clock_ahead || kind == fault_kind::clock_back;
}

bool kills(const cycle& what) {
    return kills_keepers(what) || kills_runtime(what) || kills_launcher(what);
}

/// Whether there was any.
bool reap_all() {
    bool any = false;
    while (::waitpid(-1, nullptr, WNOHANG) > 0)
        any = true;
    return any;
}

std::vector<files::path> entries_of(const files::path& folder) {
    std::vector<files::path> result;
    std::error_code absent; // nothing there is what is hoped for
    for (files::directory_iterator entry{folder, absent}, end; !absent && entry != end;
         entry.increment(absent))
        result.push_back(entry->path());
    return result;
}

} // namespace

std::string content_of(const files::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

uid_t made_up_user() {
    static const auto user = 70'000 + static_cast<uid_t>(::getpid() % 20'000); // a child's is its parent's
    return user;
}

std::chrono::milliseconds since(clock::time_point then) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - then);
}

bool users_have_namespaces() {
    static const bool can = [] {
        auto child = ::fork();
        if (child == 0)
            ::_exit(::setresuid(made_up_user(), made_up_user(), made_up_user()) == 0 &&
                            ::unshare(CLONE_NEWUSER) == 0
                        ? 0
                        : 1);
        int status = 1;
        while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        return status == 0;
    }();
    return can;
}

bool has_groups(const cycle& what) {
    return what.best == containment::cgroup && !what.ordinary_user;
}

// As the documentation has them (docs/configuration.md).
std::vector<files::path> rig::storage_roots(bool ordinary_user) const {
    const auto user = ordinary_user ? made_up_user() : ::geteuid();
    return {work_ / "storage",
            folder_ / (ordinary_user ? "users-home" : "home") / ".cache/gestvenv/ephemeral",
            fmt::format("/dev/shm/gestvenv-ephemeral-{}", user)};
}

// A root below /dev/shm may be used by other programs of this user: theirs are told by their markers. A
// folder without a marker is theirs when it was there before, or when it has one, or is gone, a moment later.
std::vector<files::path> rig::storages() const {
    std::vector<files::path> result;
    for (bool ordinary : {false, true})
        for (const auto& root : storage_roots(ordinary))
            for (const auto& folder : entries_of(root)) {
                if (strangers_.contains(folder) ||
                    std::find(result.begin(), result.end(), folder) != result.end())
                    continue;
                if (auto marker = content_of(folder / owner_marker_name);
                    marker.empty() || marker.find(work_.string()) != std::string::npos)
                    result.push_back(folder);
            }
    return result;
}

void rig::begin_watch() {
    auto things = storages();
    for (const auto& group : groups_.made())
        if (group.filename() != "gestvenv") // the shared parent: new ones are made below it meanwhile
            things.push_back(group);
    watch_.emplace(plan_->launcher.load(), std::move(things));
}

void rig::end_watch(const cycle& what, part did, cycle_report& report) {
    if (!kills(what))
        return;
    // The one documented hole, and groups, which are the next start's.
    const bool processes_end =
        what.best == containment::pid_namespace ||
        (!kills_keepers(what) && !(kills_runtime(what.kind) && kills_launcher(what.kind)));
    // Another program's folders and groups look the same, and live as long as it does.
    const bool things_end =
        (what.kind == fault_kind::kill_runtime || what.kind == fault_kind::kill_launcher) &&
        what.kind_before == fault_kind::none && !what.beside_another && did != part::recover;
    auto done = [&] {
        return (!processes_end || watch_->processes_gone()) && (!things_end || watch_->things_gone());
    };
    const auto deadline = clock::now() + longest_quieting;
    while (!done() && clock::now() < deadline) {
        reap_all();
        watch_->look();
        ::poll(nullptr, 0, 1);
    }
    auto judge_time = [&](std::string_view which, std::optional<std::chrono::milliseconds> gone) {
        if (!gone)
            report.faults.push_back(fmt::format("after the kill: {} are not gone after {} s: {}", which,
                                                longest_quieting.count(), watch_->example()));
        else if (*gone >= promised)
            report.faults.push_back(
                fmt::format("after the kill: {} are gone after {} ms alone", which, gone->count()));
    };
    if (processes_end) {
        judge_time("the environments' processes", watch_->processes_gone());
        report.until_quiet =
            std::max(report.until_quiet, watch_->processes_gone().value_or(longest_quieting));
    }
    if (things_end) {
        judge_time("folders and groups", watch_->things_gone());
        report.until_nothing =
            std::max(report.until_nothing, watch_->things_gone().value_or(longest_quieting));
    }
}

// What the program noticed itself, and the calls that have to succeed where no fault came.
void rig::read_report(const cycle& what, part did, bool struck, cycle_report& report) const {
    auto judge_lines = [&](part whose, bool undisturbed) {
        std::istringstream lines{content_of(report_of(whose, work_))};
        bool clean_receipt = false;
        for (std::string line; std::getline(lines, line);) {
            const bool unclean = line.starts_with(receipt_line) && !line.ends_with(" clean");
            if (line.starts_with(finding_line))
                report.faults.push_back(line);
            else if (undisturbed && (line.starts_with(failed_line) || unclean))
                report.faults.push_back("without a fault: " + line);
            clean_receipt |= line.starts_with(receipt_line) && line.ends_with("first clean");
        }
        if (undisturbed && !clean_receipt && (whose == part::use || whose == part::beside))
            report.faults.push_back("without a fault: no clean receipt of the first environment");
    };
    judge_lines(did == part::install ? part::use : did,
                !struck || (disturbs_no_process(what.kind) && disturbs_no_process(what.kind_before)));
    if (what.beside_another)
        judge_lines(part::beside, true);
}

/// Reaps what has been given to us; what still lives at the deadline, whether it descends from us or is only
/// in our groups.
std::vector<pid_t> rig::wait_for_descendants(clock::time_point deadline) const {
    for (;;) {
        reap_all();
        std::vector<pid_t> left;
        for (const auto& process : living_below(::getpid()))
            left.push_back(process.pid);
        for (auto pid : groups_.processes())
            if (std::find(left.begin(), left.end(), pid) == left.end())
                left.push_back(pid);
        // A parent that has ended during the look may have hidden its children from it.
        const bool some_hidden = reap_all();
        if ((left.empty() && !some_hidden) || clock::now() >= deadline)
            return left;
        ::poll(nullptr, 0, 1);
    }
}

void rig::wait_until_quiet(const cycle& what, const played& how, cycle_report& report) {
    // With a group, or below a stopped keeper, they are the next start's, which is perhaps just being disturbed.
    const bool next_start_can_help = has_groups(what) || what.leaves_stopped_keepers;
    const bool may_outlive =
        (leaves_the_rest_to_the_next_start(what) && (kills_keepers(what) || what.leaves_stopped_keepers) &&
         what.best != containment::pid_namespace) ||
        (what.in_recovery && next_start_can_help);
    auto left = wait_for_descendants(may_outlive ? how.over + 100ms : clock::now() + longest_quieting);
    if (!may_outlive) {
        report.until_quiet = std::max(report.until_quiet, since(how.over));
        return look_for_processes(report, "after the program's end");
    }
    // The one case in which only the next start can help, where there is a group, or nothing.
    report.outlived = std::max(report.outlived, left.size());
    if (next_start_can_help)
        return;
    for (auto pid : left)
        ::kill(pid, SIGKILL);
    // The next start says that nothing is left, and is believed only when that is so.
    (void)wait_for_descendants(clock::now() + longest_quieting);
}

void rig::look_for_processes(cycle_report& report, const char* when) const {
    for (auto pid : wait_for_descendants(clock::now() + longest_quieting)) {
        report.faults.push_back(fmt::format("{}: process {} lives", when, describe(pid)));
        ::kill(pid, SIGKILL);
    }
}

void rig::look_for_resources(cycle_report& report, const char* when) const {
    for (const auto& folder : storages()) {
        // A stranger's that is just being made.
        const auto deadline = clock::now() + 500ms;
        auto still_ours = [&] {
            auto now = storages();
            return std::find(now.begin(), now.end(), folder) != now.end();
        };
        bool there = true;
        if (folder.string().starts_with("/dev/shm/gestvenv-ephemeral-") &&
            content_of(folder / owner_marker_name).empty())
            while ((there = still_ours()) && clock::now() < deadline)
                ::poll(nullptr, 0, 5);
        if (there)
            report.faults.push_back(fmt::format("{}: {} is there", when, folder.string()));
    }
    auto left = groups_.made();
    for (const auto& group : left)
        report.faults.push_back(fmt::format("{}: the group {} is there", when, group.string()));
    // The next cycle begins with none, and the rig ends with none: from the innermost outwards.
    for (auto group = left.rbegin(); group != left.rend(); ++group)
        ::rmdir(group->c_str());
    std::ifstream mounts{"/proc/self/mountinfo"};
    for (std::string line; std::getline(mounts, line);)
        if (line.find(folder_.string()) != std::string::npos ||
            line.find("gestvenv-ephemeral") != std::string::npos)
            report.faults.push_back(fmt::format("{}: mounted: {}", when, line));
}

void rig::look_for_state(const cycle& what, cycle_report& report) const {
    std::error_code absent;
    for (const auto& entry : entries_of(work_ / "state"))
        if (files::is_directory(entry, absent) && !state_folder::is_spare(entry))
            report.faults.push_back(
                fmt::format("after the next start: the state folder {} is there", entry.string()));
    // No other user has the made-up user's roots: they go with the last who used them.
    if (what.ordinary_user)
        for (const char* place : {"/dev/shm", "/tmp"})
            if (auto root = files::path{place} / fmt::format("gestvenv-ephemeral-{}", made_up_user());
                files::exists(root, absent))
                report.faults.push_back(
                    fmt::format("after the next start: the root {} is there", root.string()));
}

} // namespace gestvenv::faults
