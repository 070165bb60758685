// SPDX-License-Identifier: MIT
#include <gestvenv/resource_usage.hpp>

#include "messages/spelling.hpp"

namespace gestvenv {

namespace {

constexpr std::string_view spelling(alert_kind value) noexcept {
    switch (value) {
    case alert_kind::memory:
        return "memory";
    case alert_kind::disk:
        return "disk";
    case alert_kind::cpu:
        return "cpu";
    case alert_kind::stale:
        return "stale";
    }
    return {};
}

constexpr std::string_view spelling(alert_level value) noexcept {
    switch (value) {
    case alert_level::warning:
        return "warning";
    case alert_level::critical:
        return "critical";
    }
    return {};
}

} // namespace

std::string_view to_string(alert_kind value) noexcept {
    return spelling(value);
}

std::string_view to_string(alert_level value) noexcept {
    return spelling(value);
}

bool from_string(std::string_view text, alert_kind& value) noexcept {
    return find_spelling(text, value, [](alert_kind candidate) { return spelling(candidate); });
}

bool from_string(std::string_view text, alert_level& value) noexcept {
    return find_spelling(text, value, [](alert_level candidate) { return spelling(candidate); });
}

} // namespace gestvenv
