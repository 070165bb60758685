// SPDX-License-Identifier: MIT
#include "tools/gestvenv/terminal/detach_keys.hpp"

#include "tools/gestvenv/options/option_values.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace gestvenv::cli {

namespace {

constexpr std::size_t most_keys = 16;

/// 0: it is none.
char key_of(std::string_view word) {
    constexpr std::string_view control = "ctrl-";
    if (word.size() == 1)
        return word.front() > ' ' ? word.front() : '\0';
    if (!word.starts_with(control) || word.size() != control.size() + 1)
        return '\0';
    char key = word.back();
    if (key >= 'a' && key <= 'z')
        key = static_cast<char>(key - 'a' + 'A');
    // ctrl-@ is a byte 0, and none of the keys here can be one.
    return key >= 'A' && key <= '_' ? static_cast<char>(key - '@') : '\0';
}

} // namespace

outcome<std::string> parse_detach_keys(const std::string& option, const std::string& text) {
    std::string keys;
    for (std::string_view rest{text};;) {
        const auto comma = rest.find(',');
        const char key = key_of(rest.substr(0, comma));
        if (key == '\0' || keys.size() == most_keys)
            return bad_value(
                fmt::format("{} {} names no keys", option, shown(text)),
                fmt::format("for example {} {}, or {} ctrl-a,d", option, usual_detach_keys, option));
        keys += key;
        if (comma == std::string_view::npos)
            return keys;
        rest.remove_prefix(comma + 1);
    }
}

bool detach_keys::read(std::string_view typed, std::string& passed) {
    for (char key : typed) {
        held_ += key;
        while (!wanted_.starts_with(held_)) {
            passed += held_.front();
            held_.erase(0, 1);
        }
        if (held_ == wanted_) {
            held_.clear();
            return true;
        }
    }
    return false;
}

} // namespace gestvenv::cli
