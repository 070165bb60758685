// SPDX-License-Identifier: MIT
// A terminal of a node over a Unix socket. The connection was an HTTP one, upgraded to `gestvenv-terminal`; from then on
// both sides send frames as for a command (net/execution/messages.hpp).
//
//   client -> node   open, which begins a session or names one that is there; keys, window
//   node -> client   attached, output (first what was shown before), taken, and at last ended or failed
//
// A client has at most `most_keys` bytes of keys on their way, of which it has not heard that they are taken.
// A client that closes the connection is detached: the session goes on.
#pragma once

#include "net/execution/messages.hpp"

#include <gestvenv/command_spec.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv::terminal {

/// What the HTTP connection is upgraded to.
inline constexpr std::string_view protocol_name = "gestvenv-terminal";

/// Raised with every change of a message; it is the first thing in an `open`.
inline constexpr std::uint32_t version = 1;

inline constexpr std::size_t most_keys = std::size_t{64} << 10;

struct open {
    std::uint32_t protocol_version = version;
    std::string program_version;
    /// Whether a session begins, with `command`; else `session` names one.
    bool begins = false;
    /// The beginning of an id; empty: the only one that the environment has.
    std::string session;
    command_spec command;
    std::uint16_t columns = 80;
    std::uint16_t rows = 24;
};

struct keys {
    std::string bytes;
};

/// The client's window has another size; that of the last who was attached counts.
struct window {
    std::uint16_t columns = 80;
    std::uint16_t rows = 24;
};

/// So many bytes of keys.
struct taken {
    std::uint32_t size = 0;
};

struct attached {
    /// The whole id.
    std::string session;
};

template <class Inspector>
bool inspect(Inspector& f, open& x) {
    return f.object(x).fields(f.field("protocol_version", x.protocol_version),
                              f.field("program_version", x.program_version), f.field("begins", x.begins),
                              f.field("session", x.session), f.field("command", x.command),
                              f.field("columns", x.columns), f.field("rows", x.rows));
}

template <class Inspector>
bool inspect(Inspector& f, keys& x) {
    return f.object(x).fields(f.field("bytes", x.bytes));
}

template <class Inspector>
bool inspect(Inspector& f, window& x) {
    return f.object(x).fields(f.field("columns", x.columns), f.field("rows", x.rows));
}

template <class Inspector>
bool inspect(Inspector& f, taken& x) {
    return f.object(x).fields(f.field("size", x.size));
}

template <class Inspector>
bool inspect(Inspector& f, attached& x) {
    return f.object(x).fields(f.field("session", x.session));
}

} // namespace gestvenv::terminal
