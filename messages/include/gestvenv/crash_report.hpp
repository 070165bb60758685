// SPDX-License-Identifier: MIT
// What is known of one of the runtime's actors that ended when it should not have.
#pragma once

#include <gestvenv/error.hpp>
#include <gestvenv/runtime_event.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace gestvenv {

/// Kept by the runtime, the last hundred of them.
struct crash_report {
    std::chrono::system_clock::time_point at;
    /// `environment` or the name of a service, e.g. `reaper`.
    std::string child;
    /// Of an environment, else empty.
    std::string environment_id;
    std::string environment_name;
    error reason;
    /// What it was started with, as JSON, without secrets: tags and settings of an environment, restart
    /// policy and deadlines of a service.
    std::string specification;
    /// As many of the last events as a report carries.
    static constexpr std::size_t most_events = 20;
    /// The last events about it, or of the runtime where it is a service; oldest first.
    std::vector<runtime_event> last_events;
    /// What its supervisor did about it, in one sentence.
    std::string decision;

    friend bool operator==(const crash_report&, const crash_report&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, crash_report& x) {
    return f.object(x).fields(f.field("at", x.at), f.field("child", x.child),
                              f.field("environment_id", x.environment_id),
                              f.field("environment_name", x.environment_name), f.field("reason", x.reason),
                              f.field("specification", x.specification),
                              f.field("last_events", x.last_events), f.field("decision", x.decision));
}

} // namespace gestvenv
