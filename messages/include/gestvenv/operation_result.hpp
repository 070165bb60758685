// SPDX-License-Identifier: MIT
// What came of one command.
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

/// The result of one command. `stdout` and `stderr` of the documented API are `stdout_text` and `stderr_text`
/// here, because the C library defines those names as macros.
struct operation_result {
    /// The exit status, or 128 + n when signal n ended the command (137 after a timeout).
    int returncode = 0;
    std::string stdout_text;
    std::string stderr_text;
    /// From the start of the program to its end, not to the end of its output.
    std::chrono::nanoseconds duration{0};
    /// The command as it was run, quoted for display.
    std::string command;
    /// The signal that ended the command.
    std::optional<int> signal;
    bool timed_out = false;
    /// Whether the kernel killed a process of the environment for want of memory (`max_memory`) while the
    /// command ran: one of this command's, unless others ran at the same time.
    bool out_of_memory = false;
    /// Whether the command was killed because the environment had more than `max_processes` processes and
    /// this command most of them.
    bool too_many_processes = false;
    /// Every limit that was met while the command ran, a timeout excepted: what ended it, or what it was
    /// refused. What ended it comes first.
    std::vector<limit_reached> limits_reached;
    /// What was done in another way than asked for, and why; a sentence each.
    std::vector<std::string> notes;
    /// CPU time of the command and those descendants it waited for.
    std::chrono::microseconds user_time{0};
    std::chrono::microseconds system_time{0};
    /// Largest resident set of the command or one of the descendants it waited for, in bytes (getrusage(2)).
    std::int64_t peak_memory_bytes = 0;
    /// Bytes written to each stream, kept or not.
    std::int64_t stdout_bytes = 0;
    std::int64_t stderr_bytes = 0;
    /// Whether output was lost: more than `command_spec::output_limit`, or no room to keep it.
    bool stdout_cut = false;
    bool stderr_cut = false;
    /// Where the whole output lies when it exceeded `command_spec::memory_limit`; the text above is then its
    /// beginning. As the host sees it; readable as long as the environment lives.
    std::filesystem::path stdout_file;
    std::filesystem::path stderr_file;

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
