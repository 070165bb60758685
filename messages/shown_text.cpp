// SPDX-License-Identifier: MIT
#include "messages/shown_text.hpp"

#include "messages/text_encoding.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace gestvenv {

namespace {

constexpr std::size_t longest_shown = 60;

} // namespace

std::string shown(std::string_view text) {
    auto valid = replace_invalid_utf8(text);
    std::string result = "`";
    std::size_t length = 0;
    for (char c : valid) {
        auto byte = static_cast<unsigned char>(c);
        bool continues_character = (byte & 0xC0) == 0x80;
        if (!continues_character && length++ == longest_shown) {
            result += "...";
            break;
        }
        if (byte < 0x20 || byte == 0x7F)
            result += fmt::format("\\x{:02x}", byte);
        else
            result += c;
    }
    return result + "`";
}

} // namespace gestvenv
