// SPDX-License-Identifier: MIT
#include <gestvenv/runtime_event.hpp>

#include "messages/spelling.hpp"

namespace gestvenv {

namespace {

constexpr std::string_view spelling(event_kind value) noexcept {
    switch (value) {
    case event_kind::environment_created:
        return "environment_created";
    case event_kind::environment_ready:
        return "environment_ready";
    case event_kind::environment_failed:
        return "environment_failed";
    case event_kind::environment_gone:
        return "environment_gone";
    case event_kind::residue_left:
        return "residue_left";
    case event_kind::command_started:
        return "command_started";
    case event_kind::command_ended:
        return "command_ended";
    case event_kind::packages_installed:
        return "packages_installed";
    case event_kind::alert_raised:
        return "alert_raised";
    case event_kind::alert_cleared:
        return "alert_cleared";
    case event_kind::service_crashed:
        return "service_crashed";
    case event_kind::service_restarted:
        return "service_restarted";
    case event_kind::configuration_changed:
        return "configuration_changed";
    case event_kind::runtime_ending:
        return "runtime_ending";
    case event_kind::packages_removed:
        return "packages_removed";
    }
    return {};
}

} // namespace

std::string_view to_string(event_kind value) noexcept {
    return spelling(value);
}

bool from_string(std::string_view text, event_kind& value) noexcept {
    return find_spelling(text, value, [](event_kind candidate) { return spelling(candidate); });
}

} // namespace gestvenv
