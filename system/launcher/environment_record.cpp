// SPDX-License-Identifier: MIT
#include "system/launcher/environment_record.hpp"

#include "messages/fault_point.hpp"
#include "system/launcher/clone.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/launcher/shown_environment.hpp"
#include "system/limits/orphaned_groups.hpp"
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

// After a failure: no process is in them. One that stays is removed by the teardown.
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
    setup.time_slice = of_caller.time_slice;
    if (able.memory_events_above) {
        setup.memory_above = &able.memory_above;
        setup.memory_events_above = &able.memory_events_above;
        setup.memory_above_version = able.memory_above_version;
    }
    setup.limits = limits_;
    std::uint64_t flags = in_force_ == containment::pid_namespace ? CLONE_NEWPID | CLONE_NEWNS : 0;
    if (own_ipc_)
        flags |= CLONE_NEWIPC;
    const shown_environment shown{id_};
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

} // namespace gestvenv
