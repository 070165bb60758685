// SPDX-License-Identifier: MIT
// What an environment is made by: what was asked for, with everything decided that had been left open. Made
// and checked in one place (supervisor_state::resolve); nothing behind it decides anew. Not public.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/environment_spec.hpp>

#include <chrono>

namespace gestvenv {

struct resolved_specification {
    /// As it was given, with a name, and for reports with what was decided.
    environment_spec asked;
    backend package_backend = backend::uv;
    isolation_level isolation = isolation_level::process;
    security_mode security = security_mode::restricted;
    storage_backend storage = storage_backend::tmpfs;
    /// `unlimited`: none.
    std::chrono::seconds ttl = unlimited;
    /// The default holds only where no time to live was given. `unlimited`: none.
    std::chrono::seconds max_idle_time = unlimited;
};

template <class Inspector>
bool inspect(Inspector&, resolved_specification&) {
    return false; // it stays in the process
}

} // namespace gestvenv
