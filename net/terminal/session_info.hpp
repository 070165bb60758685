// SPDX-License-Identifier: MIT
// A terminal session as it is listed.
#pragma once

#include <gestvenv/inspect_support.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace gestvenv::terminal {

struct session_info {
    /// That of its operation.
    std::string id;
    /// The environment's id.
    std::string environment;
    /// As it was asked for.
    std::string command;
    std::chrono::system_clock::time_point started_at;
    /// How many clients see it.
    std::int64_t attached = 0;
};

template <class Inspector>
bool inspect(Inspector& f, session_info& x) {
    return f.object(x).fields(f.field("id", x.id), f.field("environment", x.environment),
                              f.field("command", x.command), f.field("started_at", x.started_at),
                              f.field("attached", x.attached));
}

} // namespace gestvenv::terminal
