// SPDX-License-Identifier: MIT
#include "messages/text_encoding.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace gestvenv {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

struct sequence {
    std::size_t length;
    bool valid;
};

unsigned byte_at(std::string_view bytes, std::size_t index) noexcept {
    return static_cast<unsigned char>(bytes[index]);
}

/// The character at `start`, or the longest beginning of one ("maximal subpart") where it is ill-formed.
sequence next_sequence(std::string_view bytes, std::size_t start) noexcept {
    auto lead = byte_at(bytes, start);
    if (lead < 0x80)
        return {1, true};
    std::size_t length = 0;
    unsigned low = 0x80; // bounds of the second byte; they exclude overlong forms and surrogates
    unsigned high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        low = lead == 0xE0 ? 0xA0 : 0x80;
        high = lead == 0xED ? 0x9F : 0xBF;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        low = lead == 0xF0 ? 0x90 : 0x80;
        high = lead == 0xF4 ? 0x8F : 0xBF;
    } else {
        return {1, false};
    }
    for (std::size_t index = 1; index < length; ++index) {
        if (start + index >= bytes.size())
            return {index, false};
        auto byte = byte_at(bytes, start + index);
        if (byte < low || byte > high)
            return {index, false};
        low = 0x80;
        high = 0xBF;
    }
    return {length, true};
}

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

bool is_utf8(std::string_view bytes) noexcept {
    for (std::size_t at = 0; at < bytes.size();) {
        auto next = next_sequence(bytes, at);
        if (!next.valid)
            return false;
        at += next.length;
    }
    return true;
}

std::string replace_invalid_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        auto next = next_sequence(bytes, at);
        text += next.valid ? bytes.substr(at, next.length) : replacement;
        at += next.length;
    }
    return text;
}

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        auto group = byte_at(bytes, at) << 16U;
        auto available = bytes.size() - at;
        if (available > 1)
            group |= byte_at(bytes, at + 1) << 8U;
        if (available > 2)
            group |= byte_at(bytes, at + 2);
        text += base64_alphabet[group >> 18U & 63U];
        text += base64_alphabet[group >> 12U & 63U];
        text += available > 1 ? base64_alphabet[group >> 6U & 63U] : '=';
        text += available > 2 ? base64_alphabet[group & 63U] : '=';
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        std::size_t digits = 4;
        if (at + 4 == text.size() && text[at + 3] == '=')
            digits = text[at + 2] == '=' ? 2 : 3;
        std::uint32_t group = 0;
        for (std::size_t index = 0; index < 4; ++index) {
            std::size_t value = index < digits ? base64_alphabet.find(text[at + index]) : 0;
            if (value == std::string_view::npos)
                return std::nullopt;
            group = group << 6U | static_cast<std::uint32_t>(value);
        }
        for (std::size_t index = 0; index + 1 < digits; ++index)
            bytes += static_cast<char>(group >> (16U - 8U * index) & 0xFFU);
        if ((digits == 2 && (group & 0xFFFFU) != 0) || (digits == 3 && (group & 0xFFU) != 0))
            return std::nullopt; // left-over bits: two texts would mean the same bytes
    }
    return bytes;
}

} // namespace gestvenv
