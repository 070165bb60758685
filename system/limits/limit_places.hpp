// SPDX-License-Identifier: MIT
// Where each limit of an environment is kept on this machine, and why one is kept nowhere.
#pragma once

#include "system/limits/limit_files.hpp"

#include <gestvenv/resource_limits.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// One controller of the kernel's.
struct limit_place {
    bool available = false;
    /// Where the environments' groups are made in the controller's own hierarchy (version 1); empty: their
    /// groups in the tree of version 2 have it.
    std::string parent;
    /// Why it is not available, one sentence.
    std::string why;

    cgroup_version version() const noexcept {
        return parent.empty() ? cgroup_version::two : cgroup_version::one;
    }
};

struct limit_places {
    limit_place memory;
    limit_place cpu;
    limit_place pids;
    /// The least number of threads to which a pid namespace of its own can bound an environment
    /// (kernel.pid_max, Linux 6.14); unset: it cannot.
    std::optional<std::int64_t> least_in_namespace;
};

/// How one environment is held to its limits.
struct limit_plan {
    /// Unset: no limit, or none that can be kept.
    std::optional<std::int64_t> memory_bytes;
    std::optional<double> cpu_percent;
    /// Of the controller.
    std::optional<std::int64_t> threads;
    /// Of the keeper's pid namespace.
    std::optional<std::int64_t> threads_in_namespace;
    /// Counted by the keeper; 0: any number.
    std::int64_t processes = 0;

    /// Parents of the groups of version 1 that it needs.
    std::vector<std::string> parents(const limit_places& places) const;
};

/// The plan for `limits`, of which `check_limits` has nothing to say. For a bound of threads that was not
/// asked for, a namespace of its own is preferred to joining a group of version 1, which costs up to 10 ms.
limit_plan plan_limits(const limit_places& places, const resource_limits& limits);

/// Refuses (isolation_unavailable) a limit that cannot be kept here. The default of `max_threads` is let
/// through, as it was not asked for.
outcome<void> check_limits(const limit_places& places, const resource_limits& limits);

template <class Inspector>
bool inspect(Inspector& f, limit_place& x) {
    return f.object(x).fields(f.field("available", x.available), f.field("parent", x.parent),
                              f.field("why", x.why));
}

template <class Inspector>
bool inspect(Inspector& f, limit_places& x) {
    return f.object(x).fields(f.field("memory", x.memory), f.field("cpu", x.cpu), f.field("pids", x.pids),
                              f.field("least_in_namespace", x.least_in_namespace));
}

} // namespace gestvenv
