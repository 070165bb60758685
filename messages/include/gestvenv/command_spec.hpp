// SPDX-License-Identifier: MIT
// One command to run in an environment.
#pragma once

#include <gestvenv/inspect_support.hpp>
#include <gestvenv/process_settings.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// Source and destination of a command's standard streams.
enum class stream_mode : std::uint8_t {
    capture, ///< input is `standard_input` (empty by default); output is in the result
    inherit, ///< the command uses the three streams of the host program directly
};

/// The streams that a command writes to.
enum class output_stream : std::uint8_t { standard_output, standard_error };

/// Access to a path that was granted to a command.
enum class access_mode : std::uint8_t {
    read,
    write, ///< includes reading
};

/// A file or folder of the host that a command may reach, with everything below it. At level `process` in
/// mode `permissive` a command reaches all files that its user may reach, and a grant changes nothing.
struct access_grant {
    /// Absolute; at most 4095 bytes.
    std::filesystem::path path;
    access_mode access = access_mode::read;

    friend bool operator==(const access_grant&, const access_grant&) = default;
};

/// Which processes of a command get a signal.
enum class signal_target : std::uint8_t {
    program,          ///< the program alone, as by kill(1)
    group,            ///< its process group: also its children that have no group of their own
    foreground_group, ///< the foreground of its terminal, as by Ctrl-C; without a terminal as `group`
};

/// A pseudo-terminal for one command. It is the command's controlling terminal, with job control: the program
/// has a process group of its own in a session of its own, and is stopped like a job of a shell (Ctrl-Z,
/// SIGTTIN).
struct command_terminal {
    /// A descriptor of the calling process: the program's side of a pseudo-terminal (openpty(3)) that no
    /// session has yet. The caller reads and writes the other side. Keep it open until the command has ended.
    int device = -1;
    /// Which standard streams are this terminal; the others are as `command_spec::streams` says.
    bool input = true;
    bool output = true;
    bool error = true;
    /// Whether the program starts in the terminal's foreground. In the background, reading from the terminal
    /// stops the program.
    bool foreground = true;

    friend bool operator==(const command_terminal&, const command_terminal&) = default;
};

/// Default of `command_spec::umask` (umask(2)): new files are not writable for group and others.
inline constexpr std::uint32_t default_umask = 022;

/// A command, given either as `arguments` or as `text`. Arguments and variables together have at most 2 MiB,
/// each single one less than 128 KiB. A command outside the documented ranges is refused with
/// `invalid_argument` before anything is started.
struct command_spec {
    /// Program and arguments, passed without a shell. A program name without `/` is looked up in the
    /// environment's PATH.
    std::vector<std::string> arguments;
    /// Used instead of `arguments`: text that is split as a shell would split it, and run without a shell.
    std::string text;
    /// Run `text` under bash if it is installed, else under sh. Not together with `arguments`.
    bool shell = false;
    /// Time limit, more than 0 and at most `longest_duration`; unset: none. After it the command and all its
    /// descendants get SIGTERM, and SIGKILL after the runtime's `stop_grace` more.
    std::optional<std::chrono::milliseconds> timeout;
    /// The folder in which the command starts; a relative path is relative to the caller's working folder.
    /// Empty: the environment's own `work` folder.
    std::filesystem::path working_directory;
    /// Variables set on top of the environment's own. No variable of the caller is passed unless it is named
    /// here. In PATH the environment's `bin` always comes first.
    std::map<std::string, std::string> variables;
    /// Descriptors of the host program, all above 2 and at most 64 of them, that the command gets at the same
    /// numbers. They stay the host's; keep them open until the command has started.
    std::vector<int> passed_descriptors;
    /// At most 64 grants.
    std::vector<access_grant> grants;
    /// Input of a captured command, at most 1 GiB. Not accepted together with `stream_mode::inherit`.
    std::string standard_input;
    /// For the streams that are not `terminal`.
    stream_mode streams = stream_mode::capture;
    /// Unset: the command has no terminal of its own.
    std::optional<command_terminal> terminal;
    /// The file mode creation mask of the program (umask(2)), at most 0777.
    std::uint32_t umask = default_umask;
    /// Unset: those of the runtime's process.
    std::optional<gestvenv::process_settings> process_settings;
    /// Bytes of captured output per stream that are kept in memory, 0 to 1 GiB. Output beyond that goes to a
    /// file in the environment's storage, up to `output_limit`.
    std::int64_t memory_limit = 4 << 20;
    /// Bytes of captured output per stream that are kept at all, 0 to 1 TiB. Output beyond that is cut, and
    /// `operation_result::stdout_cut` or `stderr_cut` is set.
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
        f.field("process_settings", x.process_settings), f.field("memory_limit", x.memory_limit),
        f.field("output_limit", x.output_limit));
}

} // namespace gestvenv
