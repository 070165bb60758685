// SPDX-License-Identifier: MIT
// One command over a Unix socket. The connection was an HTTP one, upgraded to `gestvenv-exec`; from then on both sides
// send frames: four bytes of length (little endian) of what follows, one of kind, a body (messages/wire.hpp).
//
//   client -> server   start (with the descriptors), signal, kill
//   server -> client   output, stopped, and at last ended or failed
//
// With `start` come by SCM_RIGHTS, in this order: the standard streams that it names, the terminal where the command has
// one, what is passed on, and the client's own terminal where it is to be restored. A client that closes the connection
// ends its command, unless `start` says that it stays.
#pragma once

#include "messages/validation.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/error.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/operation_result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv::execution {

/// What the HTTP connection is upgraded to.
inline constexpr std::string_view protocol_name = "gestvenv-exec";

/// Raised with every change of a message; it is the first thing in a `start`.
inline constexpr std::uint32_t version = 2;

/// Three streams, two terminals and what is passed on.
inline constexpr std::size_t most_descriptors = 5 + bounds::passed_descriptors;

/// A `start`: arguments and variables, paths, and room for the rest.
inline constexpr std::size_t largest_request = bounds::command_size + (std::size_t{1} << 20);

enum class kind : std::uint8_t {
    start = 1,
    signal,
    kill,
    output,
    stopped,
    ended,
    failed,
    // Of a terminal (net/terminal/messages.hpp).
    open,
    attached,
    keys,
    window,
    taken,
};

struct start {
    std::uint32_t protocol_version = version;
    std::string program_version;
    command_spec command;
    /// Which of the standard streams come with it: bits 1, 2 and 4. With `stream_mode::capture` only the first may, as
    /// input.
    std::uint8_t streams = 0;
    /// Whether output is sent while the command runs.
    bool hears_output = false;
    /// Whether the command goes on without its client.
    bool stays = false;
    /// Of the client's own terminal, as the bytes of a termios(3): what it is given back where the client vanishes
    /// before the command's end. Empty: there is none.
    std::string restored_modes;
};

struct signal {
    std::int32_t number = 0;
    signal_target target = signal_target::program;
    std::optional<bool> foreground;
};

struct kill {
    std::chrono::milliseconds grace{0};
};

struct output {
    /// Of standard error; else of standard output.
    bool of_error = false;
    std::string bytes;
};

struct stopped {
    std::int32_t number = 0;
};

template <class Inspector>
bool inspect(Inspector& f, start& x) {
    return f.object(x).fields(f.field("protocol_version", x.protocol_version),
                              f.field("program_version", x.program_version), f.field("command", x.command),
                              f.field("streams", x.streams), f.field("hears_output", x.hears_output),
                              f.field("stays", x.stays), f.field("restored_modes", x.restored_modes));
}

template <class Inspector>
bool inspect(Inspector& f, signal& x) {
    return f.object(x).fields(f.field("number", x.number), f.field("target", x.target),
                              f.field("foreground", x.foreground));
}

template <class Inspector>
bool inspect(Inspector& f, kill& x) {
    return f.object(x).fields(f.field("grace", x.grace));
}

template <class Inspector>
bool inspect(Inspector& f, output& x) {
    return f.object(x).fields(f.field("of_error", x.of_error), f.field("bytes", x.bytes));
}

template <class Inspector>
bool inspect(Inspector& f, stopped& x) {
    return f.object(x).fields(f.field("number", x.number));
}

} // namespace gestvenv::execution
