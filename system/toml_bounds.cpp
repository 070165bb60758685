// SPDX-License-Identifier: MIT
#include "system/toml_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>

namespace gestvenv {

namespace {

constexpr std::size_t deepest_brackets = 32;
constexpr std::size_t most_key_parts = 32;
/// Without quotes: a bare key or a number. The library looks 127 characters back, a date and a time are two
/// words.
constexpr std::size_t longest_word = 60;

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == ':';
}

/// Where the text in quotes that begins at `at` ends: behind its last quote, or at the end of `text`.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const std::string three(3, quote);
    const bool several_lines = text.substr(at, 3) == three;
    at += several_lines ? 3 : 1;
    while (at < text.size()) {
        if (quote == '"' && text[at] == '\\') {
            at += 2;
        } else if (text[at] == quote && !several_lines) {
            return at + 1;
        } else if (text[at] == quote && text.substr(at, 3) == three) {
            // Up to two more quotes belong to what is quoted: """a""""" .
            at += 3;
            for (int more = 0; more < 2 && at < text.size() && text[at] == quote; ++more)
                ++at;
            return at;
        } else if (text[at] == '\n' && !several_lines) {
            return at; // no TOML: the library says so
        } else {
            ++at;
        }
    }
    return text.size();
}

} // namespace

outcome<void> check_toml_bounds(std::string_view text, std::string_view name) {
    std::size_t brackets = 0;
    std::size_t parts = 1;
    std::size_t word = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        word = is_word(c) || (c == '.' && word > 0) ? word + 1 : 0;
        if (c == '#') {
            at = std::min(text.find('\n', at), text.size());
            continue;
        }
        if (c == '"' || c == '\'') {
            at = end_of_quoted(text, at);
            continue;
        }
        if (c == '[' || c == '{')
            ++brackets;
        else if ((c == ']' || c == '}') && brackets > 0)
            --brackets;
        if (c == '.')
            ++parts;
        else if (!is_word(c) && c != ' ' && c != '\t')
            parts = 1;
        const char* what = nullptr;
        if (brackets > deepest_brackets)
            what = "more than 32 brackets within each other";
        else if (parts > most_key_parts)
            what = "a key of more than 32 parts";
        else if (word > longest_word)
            what = "a word of more than 60 characters outside of quotes";
        if (what != nullptr)
            return failure(
                error_code::invalid_argument,
                fmt::format("{}:{}: {}", name, 1 + std::count(text.begin(), text.begin() + at, '\n'), what),
                "the file is TOML: a line [ephemeral], then lines such as default_ttl = 3600");
        ++at;
    }
    return {};
}

} // namespace gestvenv
