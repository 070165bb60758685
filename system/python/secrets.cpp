// SPDX-License-Identifier: MIT
#include "system/python/secrets.hpp"

#include "messages/text_encoding.hpp"
#include "system/python/syntax_cursor.hpp"

#include <fmt/format.h>

#include <array>

namespace gestvenv::python {

namespace {

constexpr std::string_view mask = "****";

bool ends_authority(char c) noexcept {
    return c == '/' || c == '?' || c == '#' || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '"' ||
           c == '\'' || c == '`' || c == '<' || c == '>';
}

bool ends_parameter(char c) noexcept {
    return ends_authority(c) || c == '&' || c == ')' || c == ']';
}

bool names_a_secret(std::string_view parameter) {
    constexpr std::array<std::string_view, 8> words{"token", "password", "passwd", "secret",
                                                    "key",   "sig",      "auth",   "credential"};
    std::string lower;
    for (char c : parameter)
        lower += ascii_lower(c);
    for (auto word : words) {
        if (lower.find(word) != std::string::npos)
            return true;
    }
    return false;
}

std::string without_user_information(std::string_view text) {
    std::string result;
    while (true) {
        auto begin = text.find("://");
        if (begin == std::string_view::npos)
            break;
        begin += 3;
        result += text.substr(0, begin);
        text.remove_prefix(begin);
        std::size_t end = 0;
        while (end < text.size() && !ends_authority(text[end]))
            ++end;
        // The last one: a password may hold an `@` itself.
        auto at = text.substr(0, end).rfind('@');
        if (at == std::string_view::npos)
            continue;
        result += text.substr(0, at) == "git" ? std::string_view{"git"} : mask;
        text.remove_prefix(at);
    }
    result += text;
    return result;
}

std::string without_secret_parameters(std::string_view text) {
    std::string result;
    while (true) {
        auto begin = text.find_first_of("?&");
        if (begin == std::string_view::npos)
            break;
        ++begin;
        result += text.substr(0, begin);
        text.remove_prefix(begin);
        std::size_t name_end = 0;
        while (name_end < text.size() &&
               (is_ascii_alphanumeric(text[name_end]) || text[name_end] == '-' || text[name_end] == '_'))
            ++name_end;
        if (name_end == text.size() || text[name_end] != '=' || !names_a_secret(text.substr(0, name_end)))
            continue;
        result += text.substr(0, name_end + 1);
        result += mask;
        std::size_t end = name_end + 1;
        while (end < text.size() && !ends_parameter(text[end]))
            ++end;
        text.remove_prefix(end);
    }
    result += text;
    return result;
}

} // namespace

std::string without_secrets(std::string_view text) {
    return without_secret_parameters(without_user_information(text));
}

std::string redacted(std::string_view text) {
    constexpr std::size_t longest = 80;
    std::string result;
    auto plain = replace_invalid_utf8(without_secrets(text));
    for (std::size_t i = 0; i < plain.size(); ++i) {
        auto byte = static_cast<unsigned char>(plain[i]);
        // Never in the middle of a UTF-8 sequence.
        if (result.size() >= longest && (byte & 0xc0) != 0x80)
            return result + "...";
        if (byte == '\n')
            result += "\\n";
        else if (byte < 0x20 || byte == 0x7f)
            result += fmt::format("\\x{:02x}", byte);
        else
            result += plain[i];
    }
    return result;
}

} // namespace gestvenv::python
