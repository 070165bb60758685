// SPDX-License-Identifier: MIT
// What a node says of itself.
#pragma once

#include <gestvenv/crash_report.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/runtime_config.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace gestvenv::rest {

/// `status` is `ok`, or `ending`.
struct health {
    std::string status;
    std::string version;
};

/// runtime_abilities as a value with a description.
struct abilities_info {
    containment best = containment::none;
    bool cgroups = false;
    bool storage_mounts = false;
    std::string memory_limited_by;
    std::string cpu_limited_by;
    std::string threads_limited_by;
    std::vector<std::string> limitations;
};

struct node_info {
    std::string version;
    std::int64_t pid = 0;
    std::chrono::system_clock::time_point started_at;
    abilities_info abilities;
    runtime_config configuration;
};

struct backend_info {
    backend name = backend::uv;
    bool is_default = false;
    /// Whether its tool was found.
    bool available = false;
    /// Why not.
    std::string reason;
};

struct diagnostics {
    std::vector<std::string> limitations;
    std::vector<crash_report> crashes;
    std::int64_t connections = 0;
    std::int64_t requests_in_flight = 0;
    std::int64_t streams = 0;
};

/// What could not be taken over of a changed configuration.
struct reload_result {
    std::vector<std::string> not_taken_over;
};

template <class Inspector>
bool inspect(Inspector& f, health& x) {
    return f.object(x).fields(f.field("status", x.status), f.field("version", x.version));
}

template <class Inspector>
bool inspect(Inspector& f, abilities_info& x) {
    return f.object(x).fields(
        f.field("best", x.best), f.field("cgroups", x.cgroups), f.field("storage_mounts", x.storage_mounts),
        f.field("memory_limited_by", x.memory_limited_by), f.field("cpu_limited_by", x.cpu_limited_by),
        f.field("threads_limited_by", x.threads_limited_by), f.field("limitations", x.limitations));
}

template <class Inspector>
bool inspect(Inspector& f, node_info& x) {
    return f.object(x).fields(f.field("version", x.version), f.field("pid", x.pid),
                              f.field("started_at", x.started_at), f.field("abilities", x.abilities),
                              f.field("configuration", x.configuration));
}

template <class Inspector>
bool inspect(Inspector& f, backend_info& x) {
    return f.object(x).fields(f.field("name", x.name), f.field("is_default", x.is_default),
                              f.field("available", x.available), f.field("reason", x.reason));
}

template <class Inspector>
bool inspect(Inspector& f, diagnostics& x) {
    return f.object(x).fields(f.field("limitations", x.limitations), f.field("crashes", x.crashes),
                              f.field("connections", x.connections),
                              f.field("requests_in_flight", x.requests_in_flight),
                              f.field("streams", x.streams));
}

template <class Inspector>
bool inspect(Inspector& f, reload_result& x) {
    return f.object(x).fields(f.field("not_taken_over", x.not_taken_over));
}

} // namespace gestvenv::rest
