// SPDX-License-Identifier: MIT
#include "system/launcher/abilities.hpp"

#include "system/isolation/private_mounts.hpp"
#include "system/isolation/thread_bound.hpp"
#include "system/isolation/user_namespace.hpp"
#include "system/launcher/clone.hpp"
#include "system/limits/cgroup_trial.hpp"
#include "system/posix/system_failure.hpp"
#include "system/storage/detached_mount.hpp"
#include "system/trial_record.hpp"

#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace gestvenv {

namespace {

std::string because(const char* what, int problem) {
    return system_failure(problem, what).value().message;
}

std::string try_nothing() {
    return {};
}

// Runs `attempt` in a cloned child: what it changes, and a half-made change, end with the child. An empty
// text is success, anything else the reason. Fails where the trial could not be made at all, which says
// nothing about what it was to try.
template <class Attempt>
outcome<std::string> try_in_child(std::uint64_t flags, Attempt attempt) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), 0) < 0)
        return system_failure(errno, "cannot create a pipe");
    descriptor reader{ends[0]};
    descriptor writer{ends[1]};
    auto child = clone_process(flags, -1, false);
    if (!child && flags == 0)
        return failure(child.error());
    if (!child) { // is it the flags that are refused?
        if (auto plain = try_in_child(0, try_nothing); !plain)
            return failure(plain.error());
        return child.error().message;
    }
    if (child->pid == 0) {
        std::string reason = attempt();
        (void)!::write(writer.get(), reason.data(), reason.size());
        ::_exit(reason.empty() ? 0 : 1);
    }
    writer.reset();
    std::string reason;
    std::array<char, 512> buffer{};
    for (ssize_t got = 0; (got = ::read(reader.get(), buffer.data(), buffer.size())) > 0;)
        reason.append(buffer.data(), static_cast<std::size_t>(got));
    int status = 0;
    while (::waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (reason.empty() && status != 0)
        reason = "the attempt ended unexpectedly";
    return reason;
}

// As above, but for what an earlier start has found to work.
template <class Attempt>
outcome<std::string> try_once(trial_record& record, const char* trial, std::uint64_t flags, Attempt attempt) {
    if (record.find(trial) != nullptr)
        return std::string{};
    auto reason = try_in_child(flags, std::move(attempt));
    if (reason && reason->empty())
        record.note(trial, "works");
    return reason;
}

constexpr std::uint64_t keeper_flags = CLONE_NEWPID | CLONE_NEWNS;

std::string try_keeper_namespaces() {
    if (int problem = make_mounts_private(); problem != 0)
        return because("mounts cannot be made private", problem);
    if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) < 0)
        return because("a /proc of its own cannot be mounted", errno);
    return {};
}

// Some systems let an ordinary user make a user namespace that gives no rights (AppArmor on Ubuntu 24.04):
// one is entered only where it brings what it is for.
outcome<std::string> try_user_namespace(trial_record& record) {
    return try_once(record, "user namespace", 0, []() -> std::string {
        if (auto entered = enter_user_namespace(); !entered)
            return entered.error().message;
        auto reason = try_in_child(keeper_flags, try_keeper_namespaces);
        if (reason && reason->empty())
            return {};
        return "a user namespace brings no rights here: " + (reason ? *reason : reason.error().message);
    });
}

std::string try_storage_mount() {
    if (auto reason = try_keeper_namespaces(); !reason.empty())
        return reason;
    auto mount = make_detached_tmpfs(1 << 20, 16);
    if (!mount)
        return mount.error().message;
    if (auto attached = attach(*mount, "/proc"); !attached)
        return attached.error().message;
    auto bind = make_detached_bind(descriptor{::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC)});
    return bind ? std::string{} : bind.error().message;
}

// The same with the namespace and the /dev/shm that hold shared memory.
std::string try_shared_memory(const std::optional<shared_memory_place>& host) {
    if (auto reason = try_keeper_namespaces(); !reason.empty())
        return reason;
    if (!host)
        return {};
    auto mount = make_private_shared_memory(*host);
    if (!mount)
        return mount.error().message;
    auto attached = attach(*mount, host->path);
    return attached ? std::string{} : attached.error().message;
}

outcome<void> find_shared_memory_ability(abilities& found, trial_record& record) {
    auto host = find_shared_memory();
    auto reason = try_once(record, host ? "ipc namespace and /dev/shm" : "ipc namespace without /dev/shm",
                           keeper_flags | CLONE_NEWIPC, [&] { return try_shared_memory(host); });
    if (!reason)
        return failure(reason.error());
    found.own_ipc = reason->empty();
    if (found.own_ipc) {
        found.shared_memory = std::move(host);
        return {};
    }
    found.limitations.push_back("no /dev/shm of its own: " + *reason);
    auto alone = try_in_child(keeper_flags | CLONE_NEWIPC, try_keeper_namespaces);
    if (!alone)
        return failure(alone.error());
    found.own_ipc = alone->empty();
    return {};
}

// Version 1 first: where it has the controller, version 2 has not.
void find_memory_above(abilities& found, const cgroup_tables& tables) {
    bool one = false;
    auto folder = cgroup_tree::folder_of_memory(found.cgroups, tables, one);
    if (folder.empty())
        return;
    found.memory_above_version = one ? cgroup_version::one : cgroup_version::two;
    found.memory_above = descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const char* events = one ? "memory.oom_control" : "memory.events";
    found.memory_events_above = descriptor{::openat(found.memory_above.get(), events, O_RDONLY | O_CLOEXEC)};
}

limit_place find_place(std::string_view controller, abilities& found, trial_record& record,
                       const cgroup_tables& tables) {
    limit_place place;
    if (found.cgroups && found.cgroups->has(controller)) {
        place.available = true;
        return place;
    }
    auto tree = cgroup_tree::find_version_one(controller, &record, tables);
    if (!tree) {
        if (found.cgroups && !found.cgroups->kept_in().empty())
            place.why = "the group " + found.cgroups->kept_in() +
                        ", which is not left, passes no controller " + std::string{controller} +
                        " on (a systemd unit does with Delegate=yes)";
        else if (found.cgroups)
            place.why = "the group " + found.cgroups->place() + " passes no controller " +
                        std::string{controller} + " on, and " + tree.error().message;
        else
            place.why = tree.error().message;
        return place;
    }
    place.available = true;
    place.parent = tree->parent();
    // Controllers may share a hierarchy.
    if (std::none_of(found.version_one.begin(), found.version_one.end(),
                     [&](const cgroup_tree& item) { return item.parent() == place.parent; }))
        found.version_one.push_back(std::move(*tree));
    return place;
}

void find_limits(abilities& found, trial_record& record, const cgroup_tables& tables) {
    auto find = [&](const char* controller, const char* limit) {
        auto place = find_place(controller, found, record, tables);
        if (!place.available)
            found.limitations.push_back(std::string{"no limit "} + limit + ": " + place.why);
        return place;
    };
    found.limits.memory = find("memory", "max_memory");
    found.limits.cpu = find("cpu", "max_cpu_percent");
    found.limits.pids = find_place("pids", found, record, tables);
}

// In a namespace that ends with the attempt.
outcome<void> find_thread_bound(abilities& found, trial_record& record) {
    if (!has_pid_max_per_namespace())
        return {};
    for (std::int64_t threads : {1, 64, 256, 512}) {
        const auto trial = "pid_max of " + std::to_string(threads);
        auto reason = try_once(record, trial.c_str(), keeper_flags, [threads]() -> std::string {
            if (auto problem = try_keeper_namespaces(); !problem.empty())
                return problem;
            return bound_threads(threads) == 0 ? "" : "pid_max cannot be set";
        });
        if (!reason)
            return failure(reason.error());
        if (!reason->empty())
            continue;
        found.limits.least_in_namespace = threads;
        return {};
    }
    return {};
}

outcome<abilities> find_without_threads(containment limit, trial_record& record,
                                        const cgroup_tables& tables) {
    abilities result;
    if (limit != containment::subreaper) {
        if (auto tree = cgroup_tree::find(&record, tables))
            result.cgroups = std::move(*tree);
        else
            result.limitations.push_back("no cgroups: " + tree.error().message);
    }
    find_limits(result, record, tables);
    if (limit != containment::pid_namespace) {
        result.best = result.cgroups ? containment::cgroup : containment::subreaper;
        result.limitations.emplace_back("containment was limited by request");
        return result;
    }
    auto reason = try_once(record, "keeper namespaces", keeper_flags, try_keeper_namespaces);
    if (reason && !reason->empty()) {
        auto user_reason = try_user_namespace(record);
        if (!user_reason)
            return failure(user_reason.error());
        if (user_reason->empty()) {
            auto entered = enter_user_namespace();
            *reason = entered ? "" : entered.error().message;
        } else {
            *reason += "; " + *user_reason;
        }
    }
    if (!reason)
        return failure(reason.error());
    if (!reason->empty()) {
        result.best = result.cgroups ? containment::cgroup : containment::subreaper;
        result.limitations.push_back("no pid namespace: " + *reason);
        return result;
    }
    result.best = containment::pid_namespace;
    if (auto found = find_thread_bound(result, record); !found)
        return failure(found.error());
    if (auto found = find_shared_memory_ability(result, record); !found)
        return failure(found.error());
    auto mount_reason = try_once(record, "storage mounts", keeper_flags, try_storage_mount);
    if (!mount_reason)
        return failure(mount_reason.error());
    result.mounts = mount_reason->empty();
    if (!result.mounts)
        result.limitations.push_back("no storage mounts: " + *mount_reason);
    return result;
}

} // namespace

outcome<abilities> find_abilities(containment limit, trial_record& record) {
    if (auto any = try_once(record, "a process", 0, try_nothing); !any)
        return failure(any.error());
    remove_orphaned_trials(record);
    const auto tables = cgroup_tables::read();
    auto result = find_without_threads(limit, record, tables);
    if (!result)
        return result;
    find_memory_above(*result, tables);
    const auto& limits = result->limits;
    if (!limits.pids.available && !limits.least_in_namespace)
        result->limitations.push_back("no limit max_threads: " + limits.pids.why);
    return result;
}

} // namespace gestvenv
