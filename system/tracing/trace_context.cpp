// SPDX-License-Identifier: MIT
#include "system/tracing/trace_context.hpp"

#include "system/random_identifier.hpp"

#include <algorithm>
#include <cstddef>

namespace gestvenv {

namespace {

/// Two hexadecimal digits, in lower case only, as the specification wants it.
std::optional<std::uint8_t> byte_at(std::string_view text, std::size_t at) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    auto high = digits.find(text[at]);
    auto low = digits.find(text[at + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos)
        return {};
    return static_cast<std::uint8_t>(high * 16 + low);
}

template <std::size_t Size>
bool read(std::string_view text, std::size_t at, std::array<std::uint8_t, Size>& result) noexcept {
    for (std::size_t i = 0; i < Size; ++i) {
        auto byte = byte_at(text, at + 2 * i);
        if (!byte)
            return false;
        result[i] = *byte;
    }
    return std::any_of(result.begin(), result.end(), [](std::uint8_t byte) { return byte != 0; });
}

} // namespace

std::optional<trace_context> parse_traceparent(std::string_view text) noexcept {
    constexpr std::size_t length = 55;
    if (text.size() < length || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return {};
    auto version = byte_at(text, 0);
    auto flags = byte_at(text, 53);
    // A later version may have more fields behind these; 255 is forbidden.
    if (!version || !flags || *version == 255 || (*version == 0 && text.size() != length) ||
        (text.size() > length && text[length] != '-'))
        return {};
    trace_context result;
    if (!read(text, 3, result.trace) || !read(text, 36, result.span))
        return {};
    result.sampled = (*flags & 1U) != 0;
    return result;
}

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (auto byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

std::string to_traceparent(const trace_context& context) {
    return "00-" + hexadecimal(context.trace) + "-" + hexadecimal(context.span) +
           (context.sampled ? "-01" : "-00");
}

trace_context new_trace() {
    trace_context result;
    fill_with_random_bytes(result.trace);
    return result;
}

span_id new_span_id() {
    span_id result{};
    fill_with_random_bytes(result);
    return result;
}

} // namespace gestvenv
