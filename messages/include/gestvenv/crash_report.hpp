// SPDX-License-Identifier: MIT
// Report on an actor of the runtime that ended unexpectedly.
#pragma once

#include <gestvenv/error.hpp>
#include <gestvenv/runtime_event.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace gestvenv {

/// One unexpected end of an actor. The runtime keeps the last hundred reports.
struct crash_report {
    /// When the actor ended.
    std::chrono::system_clock::time_point at;
    /// `environment` or the name of a service, e.g. `reaper`.
    std::string child;
    /// The environment concerned; empty for a service.
    std::string environment_id;
    std::string environment_name;
    /// Why it ended.
    error reason;
    /// The arguments with which the actor was started, as JSON without secrets: tags and settings of an
    /// environment; restart policy and deadlines of a service.
    std::string specification;
    /// The number of events that a report carries at most.
    static constexpr std::size_t most_events = 20;
    /// The last events about the environment, or, for a service, of the runtime; oldest first.
    std::vector<runtime_event> last_events;
    /// The supervisor's reaction, in one sentence.
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
