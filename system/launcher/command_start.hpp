// SPDX-License-Identifier: MIT
// Starting one program, as a child of the keeper.
#pragma once

#include "messages/outcome.hpp"
#include "system/limits/cgroup.hpp"
#include "system/posix/descriptor.hpp"
#include "system/process/protocol.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace gestvenv {

/// A program that has been cloned and is about to be executed.
struct started_command {
    pid_t pid = -1;
    /// Reads `command_report`s: one as soon as the program could not be executed, and, where a guard stands
    /// between, one whenever it was stopped and one when it ended; before them one for each folder without
    /// its overlay. End of file with no `not_executed` and no `ended` before it: the program runs.
    descriptor reports;
};

/// What comes through `started_command::reports`, each written in one piece.
struct command_report {
    enum class kind : int { not_overlaid, not_executed, stopped, ended };
    kind what = kind::not_executed;
    /// not_executed: the errno value, and what was being done.
    int error_number = 0;
    enum class stage : int { terminal, working_directory, privileges, execute, clone };
    stage at = stage::execute;
    /// not_overlaid: which of `overlay_wish::folders`, and why.
    std::size_t folder = 0;
    overlay_problem overlay;
    /// stopped, ended: as wait4(2) gives it; ended: what it used.
    int wait_status = 0;
    long long user_microseconds = 0;
    long long system_microseconds = 0;
    long long peak_kilobytes = 0;
    /// ended: the program's number; the report is of its guard.
    pid_t program = -1;
};

/// Reports why there is no program, and ends the process that was to become it.
[[noreturn]] void give_up(int reports, command_report::stage at, int error_number);

/// Where a command is held together.
struct command_place {
    /// Joined at birth where there is one.
    const cgroup* group = nullptr;
    /// A guard process stands between keeper and program (command_guard.hpp): without a group, and with a
    /// terminal.
    bool guard = false;
    /// The program's controlling terminal, or -1.
    int terminal = -1;
    /// Where a private /dev/shm covers the host's: the latter, for a working directory that is the whole of
    /// it, and its path; -1: nowhere.
    int shared_memory_of_host = -1;
    std::string_view shared_memory_path;
    /// What becomes the descriptors `request.passed`, in their order.
    std::vector<int> passed{};
    /// The caller's, where ours are shorter (time_slice.hpp).
    std::optional<std::chrono::nanoseconds> time_slice{};
};

/// Clones the child that becomes `request`'s program with `streams` as standard input, output and error, in a
/// process group of its own, with every signal at its default and no descriptor besides but those that are
/// passed. The group is in the keeper's session, in which nothing leads it: so it is stopped as a job of a
/// shell is, which the leader of a session is not.
outcome<started_command> start_command(const protocol::run& request, const std::array<int, 3>& streams,
                                       const command_place& place);

/// A `not_executed` report as the error the user gets: 126 and 127 as a shell tells them apart.
error explain(const command_report& report, const protocol::run& request);

} // namespace gestvenv
