// SPDX-License-Identifier: MIT
// How the launcher takes one environment down, in steps between its other work: ask, kill, empty the groups,
// give the storage back.
#include "system/launcher/environment_record.hpp"

#include "messages/fault_point.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/posix/process_facts.hpp"
#include "system/posix/process_handle.hpp"
#include "system/storage/detached_mount.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace gestvenv {

namespace {

// How long killed processes may take to disappear before they are reported as residue. Uninterruptible sleep
// is the one known cause.
// Nothing takes a SIGKILL back: what has got one ends, when the kernel is through with it. On a machine with
// far more work than processors that takes seconds (each mount namespace waits for a grace period of RCU).
constexpr std::chrono::seconds kill_limit{8};
constexpr std::chrono::seconds empty_limit{5};
constexpr std::chrono::milliseconds poll_interval{1};

} // namespace

void environment_record::begin_end(std::uint64_t request, std::chrono::milliseconds grace,
                                   orphan_hunt& orphans) {
    if (request != 0)
        request_ = request;
    auto until = clock::now() + grace;
    if (stage_ == stage::alive) {
        stage_ = stage::stopping;
        deadline_ = until;
        // The keeper counts and asks every process; it ends with the last of them, or is killed at the
        // deadline.
        if (group_) {
            auto processes = group_.processes();
            report_.processes_killed = static_cast<std::int64_t>(processes.size()) - (keeper_alive_ ? 1 : 0);
            if (segments_ && page_)
                for (auto pid : processes)
                    page_.get()->note(pid);
        } else if (keeper_alive_ && grace.count() == 0 &&
                   request != 0) // it gets no time to count them itself
            report_.processes_killed = static_cast<std::int64_t>(living_descendants(keeper_pid_).size());
        if (keeper_alive_ && grace.count() > 0)
            (void)send_signal(keeper_, SIGTERM); // a keeper that is gone already is what we want
    } else if (stage_ == stage::stopping) {
        deadline_ = std::min(deadline_, until);
    } else if (stage_ == stage::finished) {
        report_ = {};
        if (may_leave_orphans() && !keeper_alive_)
            orphans.begin(id_);
        kill_keeper();
    }
    advance(orphans);
}

void environment_record::keeper_ended(orphan_hunt& orphans) {
    keeper_alive_ = false;
    if (may_leave_orphans())
        orphans.begin(id_);
    if (!group_ && page_)
        report_.processes_killed = std::max(report_.processes_killed, page_.get()->processes_at_end.load());
    if (stage_ == stage::alive && limits_.memory != nullptr)
        report_.out_of_memory = out_of_memory_kills(*limits_.memory, limits_.memory_version) > 0;
    if (report_.out_of_memory)
        report_.limit = {"max_memory", highest_memory(*limits_.memory, limits_.memory_version),
                         limits_.memory_bytes, "bytes", true};
}

void environment_record::kill_keeper() {
    fault_point("launcher: is about to kill a keeper");
    stage_ = stage::killing;
    deadline_ = clock::now() + kill_limit;
    // A namespace takes all processes along. In a group, the killer may end half-way: then the keeper, which
    // sees the launcher's end, does the rest.
    keeper_goes_last_ = keeper_alive_ && group_ && in_force_ == containment::cgroup;
    if (keeper_goes_last_)
        return kill_commands();
    if (!keeper_alive_)
        return;
    if (group_)
        (void)group_.kill(); // the keeper is in it too; a failure shows as a populated group below
    // A subreaper must kill its descendants itself; a namespace takes them along.
    (void)send_signal(keeper_, in_force_ == containment::pid_namespace || group_ ? SIGKILL : SIGQUIT);
}

// Called again until they have ended, or until the deadline.
void environment_record::kill_commands() {
    (void)group_.kill_below(); // a failure shows as a populated group
    if (!group_.processes_below(1).empty() && clock::now() < deadline_)
        return;
    keeper_goes_last_ = false;
    deadline_ = clock::now() + kill_limit;
    (void)group_.kill(); // the keeper, and who has joined it there
}

namespace {

std::string what_stays_in(const cgroup& group) {
    std::string text = "its processes do not end";
    for (auto pid : group.processes(4))
        text += ", " + std::to_string(pid) + what_holds(pid);
    return text;
}

} // namespace

// Kills what is left in the groups and removes them, and waits for what has left them; called again until its
// deadline.
void environment_record::empty_groups(orphan_hunt& orphans) {
    std::vector<cgroup*> all;
    if (group_)
        all.push_back(&group_);
    for (auto& group : limiting_)
        if (group)
            all.push_back(&group);
    const bool late = clock::now() >= deadline_;
    for (auto* group : all) {
        if (group->populated()) {
            (void)group->kill(); // a failure shows as a populated group
            if (late)
                report_.residue.push_back({"process", group->path(), what_stays_in(*group)});
            else
                continue;
        }
        if (auto removed = group->remove()) {
            report_.cgroups_removed += *removed;
            *group = {};
        } else if (late) {
            report_.residue.push_back({"cgroup", group->path(), removed.error().message});
        }
    }
    bool some_left = std::any_of(all.begin(), all.end(), [](const cgroup* group) { return bool{*group}; });
    if ((some_left || !orphans.done(id_)) && !late)
        return;
    const bool unknown = !orphans.done(id_);
    const auto orphaned = orphans.give_up(id_);
    for (auto pid : orphaned)
        report_.residue.push_back({"process", std::to_string(pid), "it does not end"});
    if (unknown && orphaned.empty())
        report_.residue.push_back({"process", id_, "it could not be seen that none is left"});
    if (!some_left)
        limits_ = {};
    remove_storage();
}

// When no process is left that could make more.
void environment_record::remove_shared_memory() {
    if (own_ipc_ && page_)
        report_.segments_removed += page_.get()->segments.exchange(0);
    if (shared_memory_) {
        if (auto usage = usage_of(shared_memory_); usage && usage->files > 1) {
            report_.segments_removed += count_segment_files(shared_memory_) - page_.get()->files_shown.load();
            report_.bytes_removed += usage->bytes;
        }
        shared_memory_.reset();
    }
    if (!segments_)
        return;
    std::vector<pid_t> processes;
    // Numbers of a namespace of its own mean nothing here.
    if (page_ && in_force_ != containment::pid_namespace)
        for (const auto& pid : page_.get()->processes)
            if (auto number = pid.load(); number > 0)
                processes.push_back(number);
    segments_->settle(processes, report_);
    segments_.reset();
}

void environment_record::remove_storage() {
    remove_shared_memory();
    fault_point("launcher: is about to remove a storage");
    stage_ = stage::removing;
    if (storage_.mount && !storage_.is_folder()) {
        if (auto usage = usage_of(storage_.mount)) {
            report_.bytes_removed += usage->bytes;
            report_.files_removed += usage->files;
        }
        ++report_.mounts_removed;
        storage_.folder.reset();
        storage_.mount.reset();
        stage_ = stage::finished;
        return;
    }
    storage_.folder.reset();
    if (storage_.mount)
        ++report_.mounts_removed;
    storage_.mount.reset();
    if (!storage_.is_folder()) { // a second attempt: the tmpfs went with the first
        stage_ = stage::finished;
        return;
    }
    auto work = [this] {
        return remove_folder(storage_.root->folder(), storage_.folder_path(), storage_.name);
    };
    auto started = helper_process::start(work, {storage_.root->folder().get()});
    if (started) {
        removal_ = std::move(*started);
        return;
    }
    // No process can be started: slower for all environments, but nothing is left behind.
    auto report = work();
    report_.files_removed = report.files_removed;
    report_.bytes_removed = report.bytes_removed;
    report_.residue.insert(report_.residue.end(), report.residue.begin(), report.residue.end());
    stage_ = stage::finished;
}

void environment_record::advance(orphan_hunt& orphans) {
    if (stage_ == stage::stopping && (!keeper_alive_ || clock::now() >= deadline_))
        kill_keeper();
    if (stage_ == stage::killing && keeper_alive_ && keeper_goes_last_)
        kill_commands();
    if (stage_ == stage::killing) {
        if (!keeper_alive_) {
            fault_point("launcher: is about to empty the groups");
            stage_ = stage::emptying;
            deadline_ = clock::now() + empty_limit;
        } else if (clock::now() >= deadline_) {
            const bool has_failed = in_force_ != containment::pid_namespace && !group_;
            if (has_failed)
                orphans.expect(id_, kill_descendants_once(keeper_pid_).found);
            if (has_failed && send_signal(keeper_, SIGKILL)) {
                deadline_ = clock::now() + kill_limit;
            } else {
                report_.residue.push_back({"process", std::to_string(keeper_pid_),
                                           "the keeper does not end" + what_holds(keeper_pid_)});
                stage_ = stage::emptying;
            }
        }
    }
    if (stage_ == stage::emptying)
        empty_groups(orphans);
    if (stage_ == stage::removing && removal_ && removal_->read()) {
        auto report = removal_->report();
        report_.add(report);
        report_.residue.insert(report_.residue.end(), report.residue.begin(), report.residue.end());
        removal_.reset();
        stage_ = stage::finished;
    }
}

std::optional<environment_record::clock::time_point> environment_record::wake_at() const {
    if (stage_ == stage::emptying || (stage_ == stage::killing && keeper_goes_last_))
        return clock::now() + poll_interval;
    if (stage_ == stage::stopping || stage_ == stage::killing)
        return deadline_;
    return std::nullopt;
}

} // namespace gestvenv
