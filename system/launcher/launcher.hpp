// SPDX-License-Identifier: MIT
// The launcher: the only process of the program that starts others, makes mounts and cgroups, and undoes all
// of it when its runtime dies, however it dies. One thread, one loop; everything it made is in its table,
// held by descriptor.
#pragma once

#include <gestvenv/enumerations.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <sys/types.h>

namespace gestvenv {

struct launcher_options {
    /// Descriptors given by the runtime: the channel, the runtime's pidfd (or -1), the lock of its state
    /// folder (or -1).
    int channel = -1;
    int runtime = -1;
    int lock = -1;
    /// The terminal that the runtime makes raw, or -1: given back where the runtime is killed.
    int terminal = -1;
    /// The runtime's number and the time of its start, for where there is no pidfd.
    pid_t runtime_pid = -1;
    std::uint64_t runtime_start = 0;
    /// The root whose folder `environment` keepers attach storage to.
    std::string attach_root;
    /// Where that folder is while no launcher runs (storage_root::open); empty: nowhere.
    std::string spare_root;
    /// File of what earlier starts found out about this machine (system/trial_record.hpp); empty: none.
    std::string trials;
    /// The best containment that may be used.
    containment limit = containment::pid_namespace;
    /// The limit of a file's size for commands; unset: the launcher's own at its start.
    std::optional<rlimit> file_size;
    /// The time slice of commands (system/posix/time_slice.hpp); unset: the launcher's own at its start.
    std::optional<std::chrono::nanoseconds> time_slice;
};

/// Serves until the runtime asks it to quit or dies. Returns the exit status of the program.
int run_launcher(const launcher_options& options);

} // namespace gestvenv
