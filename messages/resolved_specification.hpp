// SPDX-License-Identifier: MIT
// What an environment is made by: what was asked for, with everything decided that had been left open. Made
// and checked in one place (supervisor_state::resolve); nothing behind it decides anew. Not public.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/environment_spec.hpp>

#include "messages/requirement.hpp"

#include <chrono>
#include <vector>

namespace gestvenv {

struct resolved_specification {
    /// As it was given, with a name. What was left open there is below.
    environment_spec asked;
    /// `asked.packages`, parsed.
    std::vector<python::requirement> packages;
    backend package_backend = backend::uv;
    isolation_level isolation = isolation_level::process;
    security_mode security = security_mode::restricted;
    storage_backend storage = storage_backend::tmpfs;
    /// `unlimited`: none.
    std::chrono::seconds ttl = unlimited;
    /// The default holds only where no time to live was given. `unlimited`: none.
    std::chrono::seconds max_idle_time = unlimited;
};

/// The same as a request that leaves nothing open, for reports: without variables, whose values may be secrets.
inline environment_spec complete(const resolved_specification& spec) {
    auto result = spec.asked;
    result.install_context.reset();
    result.build_variables.clear();
    result.package_backend = spec.package_backend;
    result.isolation = spec.isolation;
    result.security = spec.security;
    result.storage_backend = spec.storage;
    result.ttl = spec.ttl;
    result.max_idle_time = spec.max_idle_time;
    return result;
}

template <class Inspector>
bool inspect(Inspector&, resolved_specification&) {
    return false; // it stays in the process
}

} // namespace gestvenv
