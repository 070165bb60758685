// SPDX-License-Identifier: MIT
// One of several environments with its last sample.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/inspect_support.hpp>
#include <gestvenv/resource_usage.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace gestvenv::rest {

struct environment_sample {
    std::string id;
    std::string name;
    environment_status status = environment_status::pending;
    std::chrono::system_clock::time_point created_at;
    /// Unset before the first sampling, and where none was asked for.
    std::optional<usage_sample> sample;

    friend bool operator==(const environment_sample&, const environment_sample&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, environment_sample& x) {
    return f.object(x).fields(f.field("id", x.id), f.field("name", x.name), f.field("status", x.status),
                              f.field("created_at", x.created_at), f.field("sample", x.sample));
}

} // namespace gestvenv::rest
