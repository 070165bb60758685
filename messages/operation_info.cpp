// SPDX-License-Identifier: MIT
#include <gestvenv/operation_info.hpp>

#include "messages/spelling.hpp"

namespace gestvenv {

namespace {

constexpr std::string_view spelling(operation_kind value) noexcept {
    switch (value) {
    case operation_kind::create:
        return "create";
    case operation_kind::execute:
        return "execute";
    case operation_kind::install:
        return "install";
    case operation_kind::uninstall:
        return "uninstall";
    }
    return {};
}

constexpr std::string_view spelling(operation_status value) noexcept {
    switch (value) {
    case operation_status::running:
        return "running";
    case operation_status::succeeded:
        return "succeeded";
    case operation_status::failed:
        return "failed";
    case operation_status::cancelled:
        return "cancelled";
    }
    return {};
}

} // namespace

std::string_view to_string(operation_kind value) noexcept {
    return spelling(value);
}

bool from_string(std::string_view text, operation_kind& value) noexcept {
    return find_spelling(text, value, [](operation_kind candidate) { return spelling(candidate); });
}

std::string_view to_string(operation_status value) noexcept {
    return spelling(value);
}

bool from_string(std::string_view text, operation_status& value) noexcept {
    return find_spelling(text, value, [](operation_status candidate) { return spelling(candidate); });
}

} // namespace gestvenv
