// SPDX-License-Identifier: MIT
// Checks of single fields, for validation.hpp's. Each names the field and what is accepted.
#pragma once

#include "messages/outcome.hpp"
#include "messages/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace gestvenv::field_checks {

inline tl::unexpected<error> refuse(std::string message, std::string hint = {}) {
    return failure(error_code::invalid_argument, std::move(message), std::move(hint));
}

inline bool has_control_character(std::string_view text) noexcept {
    return std::any_of(text.begin(), text.end(), [](char c) {
        auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

inline bool has_nul(std::string_view text) noexcept {
    return text.find('\0') != std::string_view::npos;
}

template <class Number>
outcome<void> check_range(std::string_view field, Number value, Number low, Number high) {
    if (value >= low && value <= high) // false for a double that is no number
        return {};
    return refuse(fmt::format("{} must be from {} to {}, and is {}", field, low, high, value));
}

inline outcome<void> check_timeout(std::chrono::milliseconds value, std::string_view field = "timeout") {
    if (value > std::chrono::milliseconds{0} && value <= longest_duration)
        return {};
    return refuse(fmt::format("{} must be more than 0 and at most {} seconds, and is {} milliseconds", field,
                              longest_duration.count(), value.count()));
}

inline outcome<void> check_path(std::string_view field, std::string_view path) {
    if (path.empty())
        return refuse(fmt::format("{} is empty", field));
    if (path.size() >= bounds::path_length)
        return refuse(fmt::format("{} has {} bytes, and a path has at most {}", field, path.size(),
                                  bounds::path_length - 1));
    if (has_nul(path))
        return refuse(fmt::format("{} holds a NUL byte", field));
    return {};
}

} // namespace gestvenv::field_checks
