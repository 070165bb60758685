// SPDX-License-Identifier: MIT
#include "system/launcher/environment_record.hpp"

#include "messages/fault_point.hpp"
#include "system/launcher/clone.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/limits/abandoned_groups.hpp"
#include "system/posix/process_facts.hpp"
#include "system/posix/process_handle.hpp"
#include "system/posix/system_failure.hpp"
#include "system/storage/detached_mount.hpp"

#include <linux/sched.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <new>
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

shared_page shared_page::make() {
    shared_page result;
    void* memory =
        ::mmap(nullptr, sizeof(keeper_page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED)
        result.page_.reset(new (memory) keeper_page);
    return result;
}

// Else each keeper would have the pages of all that were started before it, and a thousand of them half a
// million mappings.
void shared_page::keep_from_children() const {
    ::madvise(page_.get(), sizeof(keeper_page), MADV_DONTFORK);
}

// Makes the groups the limits need and writes the limits into them. What was made before a failure stays
// noted, for `remove_groups`.
outcome<keeper_limits> environment_record::make_groups(const protocol::start_keeper& request,
                                                       const abilities& able) {
    const auto& places = able.limits;
    if (auto kept = check_limits(places, request.limits); !kept)
        return failure(kept.error());
    auto plan = plan_limits(places, request.limits);
    if (able.cgroups) {
        auto group = make_held(*able.cgroups, request.group_name);
        if (!group)
            return failure(group.error());
        group_ = std::move(*group);
    }
    auto parents = plan.parents(places);
    limiting_.reserve(parents.size()); // they are pointed to below
    for (const auto& tree : able.version_one) {
        if (std::find(parents.begin(), parents.end(), tree.parent()) == parents.end())
            continue;
        auto group = make_held(tree, request.group_name);
        if (!group)
            return failure(group.error());
        limiting_.push_back(std::move(*group));
    }
    keeper_limits limits;
    for (const auto& group : limiting_)
        limits.joined.push_back(&group);
    auto group_at = [this](const limit_place& place) -> const cgroup& {
        for (const auto& group : limiting_)
            if (group.path().starts_with(place.parent + "/"))
                return group;
        return group_;
    };
    outcome<void> written;
    if (plan.memory_bytes) {
        limits.memory = &group_at(places.memory);
        limits.memory_version = places.memory.version();
        limits.memory_bytes = *plan.memory_bytes;
        written = write_limits(*limits.memory, memory_files(limits.memory_version, *plan.memory_bytes));
    }
    if (written && plan.cpu_percent)
        written = write_limits(group_at(places.cpu), cpu_files(places.cpu.version(), *plan.cpu_percent));
    // The keeper is in the group too.
    if (written && plan.threads) {
        limits.threads = &group_at(places.pids);
        limits.threads_allowed = *plan.threads;
        written = write_limits(group_at(places.pids), pids_files(places.pids.version(), *plan.threads + 1));
    }
    if (!written)
        return failure(written.error());
    limits.threads_in_namespace = plan.threads_in_namespace;
    limits.processes = plan.processes;
    return limits;
}

// After a failure: nobody is in them. One that stays is removed by the teardown.
void environment_record::remove_groups() {
    limits_ = {};
    if (group_ && group_.remove())
        group_ = {};
    std::erase_if(limiting_, [](const cgroup& group) { return group.remove().has_value(); });
}

outcome<protocol::keeper_started> environment_record::start_keeper(const protocol::start_keeper& request,
                                                                   const abilities& able,
                                                                   const descriptor& self,
                                                                   const caller_limits& of_caller,
                                                                   channel& runtime_end) {
    if (ending())
        return failure(error_code::environment_gone, "the environment is being torn down");
    if (has_keeper()) {
        if (!keeper_alive_ || !untaken_)
            return failure(error_code::illegal_transition, "the environment has a keeper already");
        runtime_end = channel{descriptor{::fcntl(untaken_.get(), F_DUPFD_CLOEXEC, 0)}};
        if (!runtime_end)
            return system_failure(errno, "cannot hand over a keeper");
        return started_;
    }
    auto ends = channel::pair();
    if (!ends)
        return failure(ends.error());
    page_ = shared_page::make();
    if (!page_)
        return failure(error_code::system_failure, "there is no memory for a keeper");
    auto limits = make_groups(request, able);
    if (!limits) {
        remove_groups();
        return failure(limits.error());
    }
    fault_point("launcher: has made an environment's groups");
    limits_ = std::move(*limits);
    in_force_ = able.best;
    if (auto prepared = prepare_shared_memory(request, able); !prepared) {
        remove_groups();
        return failure(prepared.error());
    }
    keeper_setup setup;
    setup.in_force = in_force_;
    setup.storage = in_force_ == containment::pid_namespace && storage_.mount ? &storage_.mount : nullptr;
    setup.attach_path = storage_.visible_path;
    setup.storage_is_tmpfs = !storage_.is_folder();
    setup.own_ipc = own_ipc_;
    if (shared_memory_) {
        setup.shared_memory = &shared_memory_;
        setup.shared_memory_path = able.shared_memory->path;
    }
    setup.group = group_ ? &group_ : nullptr;
    setup.launcher = &self;
    setup.runtime = &ends->first;
    setup.page = page_.get();
    setup.open_files = of_caller.open_files;
    setup.file_size = of_caller.file_size;
    setup.cpu_time = of_caller.cpu_time;
    if (able.memory_events_above) {
        setup.memory_above = &able.memory_above;
        setup.memory_events_above = &able.memory_events_above;
        setup.memory_above_version = able.memory_above_version;
    }
    setup.limits = limits_;
    std::uint64_t flags = in_force_ == containment::pid_namespace ? CLONE_NEWPID | CLONE_NEWNS : 0;
    if (own_ipc_)
        flags |= CLONE_NEWIPC;
    auto child = clone_process(flags, group_ ? group_.get() : -1, true);
    if (!child) {
        remove_groups();
        return failure(child.error());
    }
    if (child->pid == 0)
        keep(setup);
    fault_point("launcher: has cloned a keeper");
    page_.keep_from_children();
    keeper_pid_ = child->pid;
    keeper_alive_ = true;
    keeper_ = std::move(child->process);
    // Without a descriptor for it, there is no second try.
    untaken_ = descriptor{::fcntl(ends->second.get(), F_DUPFD_CLOEXEC, 0)};
    runtime_end = std::move(ends->second);
    started_.keeper_pid = keeper_pid_;
    started_.start_time = start_time_of(keeper_pid_).value_or(0);
    started_.in_force = in_force_;
    if (group_)
        started_.cgroups.push_back(group_.path());
    for (const auto& group : limiting_)
        started_.cgroups.push_back(group.path());
    return started_;
}

void environment_record::begin_end(std::uint64_t request, std::chrono::milliseconds grace,
                                   stray_hunt& strays) {
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
        if (may_leave_strays() && !keeper_alive_)
            strays.begin(id_);
        kill_keeper();
    }
    advance(strays);
}

void environment_record::keeper_ended(stray_hunt& strays) {
    keeper_alive_ = false;
    if (may_leave_strays())
        strays.begin(id_);
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
    // A namespace takes everybody along. In a group, whoever kills may end half-way: then the keeper, which
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
void environment_record::empty_groups(stray_hunt& strays) {
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
    if ((some_left || !strays.done(id_)) && !late)
        return;
    const bool unknown = !strays.done(id_);
    const auto strayed = strays.give_up(id_);
    for (auto pid : strayed)
        report_.residue.push_back({"process", std::to_string(pid), "it does not end"});
    if (unknown && strayed.empty())
        report_.residue.push_back({"process", id_, "it could not be seen that none is left"});
    if (!some_left)
        limits_ = {};
    remove_storage();
}

outcome<void> environment_record::prepare_shared_memory(const protocol::start_keeper& request,
                                                        const abilities& able) {
    own_ipc_ =
        in_force_ == containment::pid_namespace && able.own_ipc && request.shm == shared_memory::private_;
    if (!own_ipc_) {
        segments_.emplace();
        return {};
    }
    if (!able.shared_memory) {
        segments_.emplace();
        return {};
    }
    auto mount = make_private_shared_memory(*able.shared_memory);
    if (!mount)
        return failure(mount.error());
    shared_memory_ = std::move(*mount);
    return {};
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
    // No process can be started: slower for everybody, but nothing is left behind.
    auto report = work();
    report_.files_removed = report.files_removed;
    report_.bytes_removed = report.bytes_removed;
    report_.residue.insert(report_.residue.end(), report.residue.begin(), report.residue.end());
    stage_ = stage::finished;
}

void environment_record::advance(stray_hunt& strays) {
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
                strays.expect(id_, kill_descendants_once(keeper_pid_).found);
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
        empty_groups(strays);
    if (stage_ == stage::removing && removal_ && removal_->read()) {
        auto report = removal_->report();
        report_.files_removed += report.files_removed;
        report_.bytes_removed += report.bytes_removed;
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
