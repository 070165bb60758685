// SPDX-License-Identifier: MIT
// The bodies of the messages between runtime and keeper: commands, their ends, and signals. Their kinds, and
// how a message is written and read: system/process/protocol.hpp.
#pragma once

#include <gestvenv/command_spec.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/limit_reached.hpp>

#include "messages/outcome.hpp"
#include "system/isolation/overlay.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv::protocol {

/// runtime: run a command; the descriptors beside it are its standard input, output and error, its terminal
/// where it has one, and then those that are passed on.
struct run {
    std::uint64_t command = 0;
    std::vector<std::string> arguments;
    /// The whole environment of the program.
    std::map<std::string, std::string> variables;
    std::string working_directory;
    /// Whether the program may gain or keep privileges (security mode permissive).
    bool keep_privileges = false;
    /// Folders whose changes it keeps to itself.
    overlay_wish overlays;
    /// The numbers, above 2, that the further descriptors get.
    std::vector<int> passed;
    /// Of what the program makes (umask(2)).
    std::uint32_t umask = default_umask;
    /// Whether it has a terminal of its own.
    bool terminal = false;
    /// Whether the program begins in the foreground of its terminal; without effect where it has none.
    bool in_foreground = true;
    /// Unset: the keeper's.
    std::optional<process_settings> settings;
};

/// keeper: a command could not be started.
struct not_started {
    std::uint64_t command = 0;
    error reason;
};

/// keeper: a command has ended, with all its descendants.
struct exited {
    std::uint64_t command = 0;
    /// As waitpid(2) gives it.
    std::int32_t wait_status = 0;
    std::chrono::nanoseconds duration{0};
    std::chrono::microseconds user_time{0};
    std::chrono::microseconds system_time{0};
    std::int64_t peak_memory_bytes = 0;
    bool out_of_memory = false;
    bool too_many_processes = false;
    std::vector<limit_reached> limits_reached;
    /// Folders that could not have the overlay asked for, in a sentence each.
    std::vector<std::string> not_overlaid;
};

/// runtime: kill a command and every descendant of it. With a `grace` they are asked to end first (SIGTERM),
/// and those are killed that are left after it.
struct kill {
    std::uint64_t command = 0;
    std::chrono::milliseconds grace{0};
};

/// runtime: a signal for a command; not answered, and ignored where it has ended.
struct signal {
    std::uint64_t command = 0;
    std::int32_t number = 0;
    signal_target target = signal_target::program;
    /// Set: its program's group gets the foreground of its terminal, or loses it, before the signal.
    std::optional<bool> foreground;
};

/// keeper: the program of a command has been stopped, by this signal (waitpid(2), WUNTRACED).
struct stopped {
    std::uint64_t command = 0;
    std::int32_t number = 0;
};

template <class Inspector>
bool inspect(Inspector& f, run& x) {
    return f.object(x).fields(
        f.field("command", x.command), f.field("arguments", x.arguments), f.field("variables", x.variables),
        f.field("working_directory", x.working_directory), f.field("keep_privileges", x.keep_privileges),
        f.field("overlays", x.overlays), f.field("passed", x.passed), f.field("umask", x.umask),
        f.field("terminal", x.terminal), f.field("in_foreground", x.in_foreground),
        f.field("settings", x.settings));
}

template <class Inspector>
bool inspect(Inspector& f, not_started& x) {
    return f.object(x).fields(f.field("command", x.command), f.field("reason", x.reason));
}

template <class Inspector>
bool inspect(Inspector& f, exited& x) {
    return f.object(x).fields(
        f.field("command", x.command), f.field("wait_status", x.wait_status), f.field("duration", x.duration),
        f.field("user_time", x.user_time), f.field("system_time", x.system_time),
        f.field("peak_memory_bytes", x.peak_memory_bytes), f.field("out_of_memory", x.out_of_memory),
        f.field("too_many_processes", x.too_many_processes), f.field("limits_reached", x.limits_reached),
        f.field("not_overlaid", x.not_overlaid));
}

template <class Inspector>
bool inspect(Inspector& f, kill& x) {
    return f.object(x).fields(f.field("command", x.command), f.field("grace", x.grace));
}

template <class Inspector>
bool inspect(Inspector& f, signal& x) {
    return f.object(x).fields(f.field("command", x.command), f.field("number", x.number),
                              f.field("target", x.target), f.field("foreground", x.foreground));
}

template <class Inspector>
bool inspect(Inspector& f, stopped& x) {
    return f.object(x).fields(f.field("command", x.command), f.field("number", x.number));
}

} // namespace gestvenv::protocol
