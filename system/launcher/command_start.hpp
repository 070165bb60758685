// Starting one program, as a child of the keeper.
#pragma once

#include "messages/outcome.hpp"
#include "system/limits/cgroup.hpp"
#include "system/process/descriptor.hpp"
#include "system/process/protocol.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace gestvenv {

/// A program that has been cloned and is about to be executed.
struct started_command {
    pid_t pid = -1;
    /// Reads `command_report`s: one as soon as the program could not be executed, and, where a guard stands
    /// between, one when it ended; before them one for each folder without its overlay. End of file with
    /// nothing of the first two before it: the program runs.
    descriptor reports;
};

/// What comes through `started_command::reports`, written in one piece.
struct command_report {
    enum class kind : int { not_overlaid, not_executed, ended };
    kind what = kind::not_executed;
    /// not_executed: the errno value, and what was being done.
    int error_number = 0;
    enum class stage : int { working_directory, privileges, execute, clone };
    stage at = stage::execute;
    /// not_overlaid: which of `overlay_wish::folders`, and why.
    std::size_t folder = 0;
    overlay_problem overlay;
    /// ended: as wait4(2) gives them.
    int wait_status = 0;
    long long user_microseconds = 0;
    long long system_microseconds = 0;
    long long peak_kilobytes = 0;
    /// ended: the program's number; the report is of its guard.
    pid_t program = -1;
};

/// Where a command is held together.
struct command_place {
    /// Joined at birth where there is one.
    const cgroup* group = nullptr;
    /// Without a group, a guard process stands between keeper and program: a subreaper that adopts what the
    /// program leaves behind, so that its descendants can be found.
    bool guard = false;
    /// Where a private /dev/shm covers the host's: the latter, for a working directory that is the whole of
    /// it, and its path; -1: nowhere.
    int shared_memory_of_host = -1;
    std::string_view shared_memory_path;
    /// What becomes the descriptors `request.passed`, in their order.
    std::vector<int> passed{};
};

/// Clones the child that becomes `request`'s program with `streams` as standard input, output and error, in a
/// session of its own, with every signal at its default and no descriptor besides but those that are passed.
outcome<started_command> start_command(const protocol::run& request, const std::array<int, 3>& streams,
                                       const command_place& place);

/// A `not_executed` report as the error the user gets: 126 and 127 as a shell tells them apart.
error explain(const command_report& report, const protocol::run& request);

} // namespace gestvenv
