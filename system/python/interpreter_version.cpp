// SPDX-License-Identifier: MIT
#include "system/python/interpreter_version.hpp"

#include <cstddef>

namespace gestvenv::python {

namespace {

// Takes one number of one to three digits off the front of `text`.
std::optional<int> take_number(std::string_view& text) {
    int value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        if (digits == 3)
            return std::nullopt;
        value = value * 10 + (text[digits] - '0');
        ++digits;
    }
    if (digits == 0)
        return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

bool take_dot(std::string_view& text) {
    if (text.empty() || text.front() != '.')
        return false;
    text.remove_prefix(1);
    return true;
}

// `rc1`, `a2`, `b3`, `+` (a build of a development branch).
bool is_suffix(std::string_view text) {
    if (text.empty() || text == "+")
        return true;
    if (text.substr(0, 2) == "rc")
        text.remove_prefix(2);
    else if (text.front() == 'a' || text.front() == 'b')
        text.remove_prefix(1);
    else
        return false;
    if (!take_number(text))
        return false;
    return text.empty() || text == "+";
}

} // namespace

std::string to_string(const interpreter_version& version) {
    auto text = std::to_string(version.major) + "." + std::to_string(version.minor);
    if (version.patch)
        text += "." + std::to_string(*version.patch);
    return text;
}

std::optional<interpreter_version> parse_interpreter_version(std::string_view text) {
    interpreter_version version;
    auto major = take_number(text);
    if (!major || !take_dot(text))
        return std::nullopt;
    auto minor = take_number(text);
    if (!minor)
        return std::nullopt;
    version.major = *major;
    version.minor = *minor;
    if (text.empty())
        return version;
    if (!take_dot(text))
        return std::nullopt;
    version.patch = take_number(text);
    if (!version.patch || !is_suffix(text))
        return std::nullopt;
    return version;
}

bool fits(const interpreter_version& found, const interpreter_version& asked) noexcept {
    return found.major == asked.major && found.minor == asked.minor &&
           (!asked.patch || found.patch == asked.patch);
}

} // namespace gestvenv::python
