// SPDX-License-Identifier: MIT
// One command to run in an environment.
#pragma once

#include <gestvenv/inspect_support.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// Where the standard streams of a command come from and go to.
enum class stream_mode : std::uint8_t {
    capture, ///< input is `standard_input` (empty by default); output comes back in the result
    inherit, ///< the three streams of the host program, used directly
};

/// The streams that a command writes to.
enum class output_stream : std::uint8_t { standard_output, standard_error };

/// What a command may do with a path that it was granted.
enum class access_mode : std::uint8_t {
    read,
    write, ///< and read
};

/// Something of the host that a command may reach, with all that is below it. At level `process` in mode
/// `permissive` a command reaches whatever its user may, and a grant changes nothing.
struct access_grant {
    /// Absolute.
    std::filesystem::path path;
    access_mode access = access_mode::read;

    friend bool operator==(const access_grant&, const access_grant&) = default;
};

/// Who of a command gets a signal.
enum class signal_target : std::uint8_t {
    program,          ///< the program alone, as by kill(1)
    group,            ///< its process group: also what it has started without a group of its own
    foreground_group, ///< who is in the foreground of its terminal, as by Ctrl-C; without one as `group`
};

/// A terminal of a command's own. Its controlling terminal, with job control: the program has a process group
/// of its own in a session of its own, and is stopped by what stops a job (Ctrl-Z, SIGTTIN).
struct command_terminal {
    /// A descriptor of the calling process: the program's side of a pseudo-terminal (openpty(3)) that no
    /// session has yet. Its other side is the caller's to read and write. To be kept open until the command
    /// has ended.
    int device = -1;
    /// Which standard streams it is; the others are as `command_spec::streams` says.
    bool input = true;
    bool output = true;
    bool error = true;
    /// Whether the program begins in its foreground; elsewhere, reading from it stops the program.
    bool foreground = true;

    friend bool operator==(const command_terminal&, const command_terminal&) = default;
};

/// What a command's files are not given to others for, unless its specification says otherwise (umask(2)).
inline constexpr std::uint32_t default_umask = 022;

/// A command, given either as `arguments` or as `text`. Bounds: 2 MiB of arguments and variables together.
struct command_spec {
    /// Program and arguments; the program is looked up in the environment's PATH.
    std::vector<std::string> arguments;
    /// Instead of `arguments`: text that is split as a shell would split it, and run without one.
    std::string text;
    /// Run `text` under bash where there is one, else sh.
    bool shell = false;
    /// Asked to end with all descendants after this time (SIGTERM), more than 0, and killed after the
    /// runtime's `stop_grace` more; unset: never.
    std::optional<std::chrono::milliseconds> timeout;
    /// Where the command starts; empty: the environment's own `work` folder.
    std::filesystem::path working_directory;
    /// Set on top of the environment's own variables; nothing of the caller's is passed on its own. In PATH
    /// the environment's `bin` comes first, whatever is set.
    std::map<std::string, std::string> variables;
    /// Descriptors of the host program, all above 2 and at most 64, that the command gets at the same
    /// numbers. They stay the host's, and open until the command has started.
    std::vector<int> passed_descriptors;
    /// At most 64.
    std::vector<access_grant> grants;
    std::string standard_input;
    stream_mode streams = stream_mode::capture;
    std::optional<command_terminal> terminal;
    /// The file mode creation mask of the program (umask(2)), at most 0777.
    std::uint32_t umask = default_umask;
    /// Captured output of each stream kept in memory, in bytes, at most 1 GiB. What exceeds it goes to a file
    /// in the environment's storage, up to `output_limit`.
    std::int64_t memory_limit = 4 << 20;
    /// Captured output of each stream kept at all, in bytes, at most 1 TiB; what exceeds it is cut, and the
    /// result says so.
    std::int64_t output_limit = 64 << 20;

    friend bool operator==(const command_spec&, const command_spec&) = default;
};

std::string_view to_string(stream_mode value) noexcept;
bool from_string(std::string_view text, stream_mode& value) noexcept;

template <class Inspector>
bool inspect(Inspector& f, stream_mode& x) {
    return inspect_enumeration(f, x);
}

std::string_view to_string(signal_target value) noexcept;
bool from_string(std::string_view text, signal_target& value) noexcept;

template <class Inspector>
bool inspect(Inspector& f, signal_target& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, command_terminal& x) {
    return f.object(x).fields(f.field("device", x.device), f.field("input", x.input),
                              f.field("output", x.output), f.field("error", x.error),
                              f.field("foreground", x.foreground));
}

std::string_view to_string(access_mode value) noexcept;
bool from_string(std::string_view text, access_mode& value) noexcept;

template <class Inspector>
bool inspect(Inspector& f, access_mode& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, access_grant& x) {
    return f.object(x).fields(path_field(f, "path", x.path), f.field("access", x.access));
}

template <class Inspector>
bool inspect(Inspector& f, command_spec& x) {
    return f.object(x).fields(
        f.field("arguments", x.arguments), f.field("text", x.text), f.field("shell", x.shell),
        f.field("timeout", x.timeout), path_field(f, "working_directory", x.working_directory),
        f.field("variables", x.variables), f.field("passed_descriptors", x.passed_descriptors),
        f.field("grants", x.grants), f.field("standard_input", x.standard_input),
        f.field("streams", x.streams), f.field("terminal", x.terminal), f.field("umask", x.umask),
        f.field("memory_limit", x.memory_limit), f.field("output_limit", x.output_limit));
}

} // namespace gestvenv
