// SPDX-License-Identifier: MIT
// The result of one command.
#pragma once

#include <gestvenv/inspect_support.hpp>
#include <gestvenv/limit_reached.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// The result of one command. The JSON keys `stdout` and `stderr` are `stdout_text` and `stderr_text` here,
/// because the C library defines those names as macros.
struct operation_result {
    /// The exit status, or 128 + n when signal n ended the command (137 after a timeout).
    int returncode = 0;
    /// Captured output, at most `command_spec::memory_limit` bytes of each stream.
    std::string stdout_text;
    std::string stderr_text;
    /// From the start of the program to its end; output that descendants write later does not count.
    std::chrono::nanoseconds duration{0};
    /// The command as it was run, quoted for display.
    std::string command;
    /// The signal that ended the command; unset if it exited by itself.
    std::optional<int> signal;
    /// Whether the command reached its timeout and was killed.
    bool timed_out = false;
    /// Whether the kernel killed a process of the environment for lack of memory (`max_memory`) while the
    /// command ran: one of this command's, unless others ran at the same time.
    bool out_of_memory = false;
    /// Whether the command was killed because the environment had more than `max_processes` processes, most
    /// of them from this command.
    bool too_many_processes = false;
    /// Every limit that was reached while the command ran, except its timeout. The limit that ended the
    /// command comes first.
    std::vector<limit_reached> limits_reached;
    /// Deviations from the request, with the reason, one sentence each.
    std::vector<std::string> notes;
    /// CPU time of the command and of the descendants for which it waited.
    std::chrono::microseconds user_time{0};
    std::chrono::microseconds system_time{0};
    /// Largest resident set, in bytes, of the command or of one of the descendants for which it waited
    /// (getrusage(2)).
    std::int64_t peak_memory_bytes = 0;
    /// Bytes written to each stream, whether kept or cut.
    std::int64_t stdout_bytes = 0;
    std::int64_t stderr_bytes = 0;
    /// Whether output was lost: it exceeded `command_spec::output_limit`, or there was no space to keep it.
    bool stdout_cut = false;
    bool stderr_cut = false;
    /// File with the whole output, if it exceeded `command_spec::memory_limit`; the text above is then its
    /// beginning. A path as the host sees it, readable as long as the environment lives.
    std::filesystem::path stdout_file;
    std::filesystem::path stderr_file;

    /// Whether the exit status is 0.
    bool success() const noexcept { return returncode == 0; }

    friend bool operator==(const operation_result&, const operation_result&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, operation_result& x) {
    return f.object(x).fields(
        f.field("returncode", x.returncode), f.field("stdout", x.stdout_text),
        f.field("stderr", x.stderr_text), f.field("duration", x.duration), f.field("command", x.command),
        f.field("signal", x.signal), f.field("timed_out", x.timed_out),
        f.field("out_of_memory", x.out_of_memory), f.field("too_many_processes", x.too_many_processes),
        f.field("limits_reached", x.limits_reached), f.field("notes", x.notes),
        f.field("user_time", x.user_time), f.field("system_time", x.system_time),
        f.field("peak_memory_bytes", x.peak_memory_bytes), f.field("stdout_bytes", x.stdout_bytes),
        f.field("stderr_bytes", x.stderr_bytes), f.field("stdout_cut", x.stdout_cut),
        f.field("stderr_cut", x.stderr_cut), path_field(f, "stdout_file", x.stdout_file),
        path_field(f, "stderr_file", x.stderr_file));
}

} // namespace gestvenv
