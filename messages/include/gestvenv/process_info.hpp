// SPDX-License-Identifier: MIT
// The processes of an environment, one by one.
#pragma once

#include <gestvenv/inspect_support.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// What a process does at one moment. The numeric values are part of the wire format: append only.
enum class process_state : std::uint8_t {
    running,  ///< it has a processor, or is about to get one
    sleeping, ///< it waits for an event
    blocked,  ///< it waits in the kernel, most often for a disk, and no signal wakes it
    stopped,  ///< a signal or a debugger has stopped it
};

std::string_view to_string(process_state value) noexcept;
bool from_string(std::string_view text, process_state& value) noexcept;

/// One process of an environment at one moment.
struct process_info {
    /// As the host sees it: the pid namespace in which the runtime lives.
    std::int64_t pid = 0;
    /// As the environment's own processes see it; unset where it has no pid namespace.
    std::optional<std::int64_t> pid_in_environment;
    /// Of its parent, as the host sees it; one that is not in the list is a process of GestVenv.
    std::int64_t parent_pid = 0;
    /// What the kernel calls it: the beginning of its program's name, or what it has given itself.
    std::string name;
    /// Its arguments, quoted as a shell takes them: at most `process_list::longest_command_line` bytes, without
    /// control characters, and with `****` in the place of what is known to be a secret. Empty: it has none.
    std::string command_line;
    process_state state = process_state::sleeping;
    /// Its resident set; shared pages count once for each process.
    std::int64_t memory_bytes = 0;
    /// Since it began, without its children.
    std::chrono::microseconds cpu_time{0};
    std::int64_t threads = 0;
    std::chrono::system_clock::time_point started_at;

    friend bool operator==(const process_info&, const process_info&) = default;
};

/// The processes of an environment that are alive, without its keeper. Those with most memory come first.
struct process_list {
    /// More than so many are cut off, and so is a longer command line.
    static constexpr std::int64_t most_processes = 500;
    static constexpr std::int64_t longest_command_line = 1024;

    std::chrono::system_clock::time_point at;
    /// How many there are; the list may be cut.
    std::int64_t total = 0;
    std::vector<process_info> processes;

    friend bool operator==(const process_list&, const process_list&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, process_state& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, process_info& x) {
    return f.object(x).fields(f.field("pid", x.pid), f.field("pid_in_environment", x.pid_in_environment),
                              f.field("parent_pid", x.parent_pid), f.field("name", x.name),
                              f.field("command_line", x.command_line), f.field("state", x.state),
                              f.field("memory_bytes", x.memory_bytes), f.field("cpu_time", x.cpu_time),
                              f.field("threads", x.threads), f.field("started_at", x.started_at));
}

template <class Inspector>
bool inspect(Inspector& f, process_list& x) {
    return f.object(x).fields(f.field("at", x.at), f.field("total", x.total),
                              f.field("processes", x.processes));
}

} // namespace gestvenv
