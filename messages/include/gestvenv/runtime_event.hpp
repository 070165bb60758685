// SPDX-License-Identifier: MIT
// An event of a runtime, for host programs.
#pragma once

#include <gestvenv/inspect_support.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv {

/// The kind of an event. The numeric values are part of the wire format: append only.
enum class event_kind : std::uint8_t {
    environment_created, ///< admitted; creation has begun
    environment_ready,   ///< ready for commands
    environment_failed,  ///< creation failed, or it became unusable; its teardown begins
    environment_gone,    ///< removed, proven by its receipt
    residue_left,        ///< a teardown left residue; it is tried again
    command_started,
    command_ended,
    packages_installed,
    alert_raised, ///< a threshold of resource usage was crossed
    alert_cleared,
    service_crashed, ///< an actor of the runtime ended unexpectedly; the text has the reaction
    service_restarted,
    configuration_changed,
    runtime_ending, ///< no new work is taken
    packages_removed,
};

std::string_view to_string(event_kind value) noexcept;
bool from_string(std::string_view text, event_kind& value) noexcept;

/// One event. Its text contains no secrets.
struct runtime_event {
    event_kind kind = event_kind::environment_created;
    /// When it happened, by the wall clock.
    std::chrono::system_clock::time_point at;
    /// Empty for an event of the runtime as a whole.
    std::string environment_id;
    std::string environment_name;
    /// One line: the cause of an end, a program's name and exit status, or a threshold and the value.
    std::string text;

    friend bool operator==(const runtime_event&, const runtime_event&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, event_kind& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, runtime_event& x) {
    return f.object(x).fields(f.field("kind", x.kind), f.field("at", x.at),
                              f.field("environment_id", x.environment_id),
                              f.field("environment_name", x.environment_name), f.field("text", x.text));
}

} // namespace gestvenv
