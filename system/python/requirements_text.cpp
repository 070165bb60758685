// SPDX-License-Identifier: MIT
#include "system/python/requirements_text.hpp"

#include "messages/text_encoding.hpp"
#include "system/python/secrets.hpp"
#include "system/python/syntax_cursor.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <iconv.h>
#include <optional>

namespace gestvenv::python {

namespace {

struct byte_order_mark {
    std::string_view bytes;
    std::string_view encoding;
};

// That of UTF-16 in little endian begins that of UTF-32.
constexpr std::array<byte_order_mark, 5> marks{{{{"\xef\xbb\xbf", 3}, "UTF-8"},
                                                {{"\xff\xfe\x00\x00", 4}, "UTF-32LE"},
                                                {{"\x00\x00\xfe\xff", 4}, "UTF-32BE"},
                                                {{"\xff\xfe", 2}, "UTF-16LE"},
                                                {{"\xfe\xff", 2}, "UTF-16BE"}}};

bool is_of_encoding_name(char c) noexcept {
    return is_ascii_alphanumeric(c) || c == '-' || c == '_' || c == '.';
}

// `coding: NAME` or `coding=NAME` in a comment of the first two lines (PEP 263); empty where there is none.
std::string_view declared_encoding(std::string_view bytes) {
    for (int line_number = 0; line_number < 2 && !bytes.empty(); ++line_number) {
        auto line = bytes.substr(0, bytes.find('\n'));
        bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
        constexpr std::string_view label = "coding";
        if (!line.starts_with('#'))
            continue;
        for (auto at = line.find(label); at != std::string_view::npos; at = line.find(label, at + 1)) {
            auto rest = line.substr(at + label.size());
            if (!rest.starts_with(':') && !rest.starts_with('='))
                continue;
            rest.remove_prefix(1);
            rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
            std::size_t end = 0;
            while (end < rest.size() && is_of_encoding_name(rest[end]))
                ++end;
            if (end > 0)
                return rest.substr(0, end);
        }
    }
    return {};
}

// Python's name of an encoding in the C library's words.
std::string name_for_iconv(std::string_view name) {
    std::string lower;
    for (char c : name)
        lower += c == '_' ? '-' : ascii_lower(c);
    if (lower == "utf8" || lower == "utf-8-sig" || lower == "ascii" || lower == "us-ascii")
        return "utf-8";
    if (lower == "latin-1" || lower == "latin" || lower == "l1" || lower == "iso8859-1" || lower == "8859")
        return "latin1";
    if (lower.starts_with("windows-"))
        return "cp" + lower.substr(8);
    if (lower.starts_with("latin-"))
        return "latin" + lower.substr(6);
    if (lower == "shift-jis" || lower == "sjis")
        return "shift_jis";
    return lower;
}

/// A conversion into UTF-8.
class conversion {
public:
    explicit conversion(const std::string& from) : handle_(::iconv_open("UTF-8", from.c_str())) {}
    conversion(const conversion&) = delete;
    conversion& operator=(const conversion&) = delete;
    ~conversion() {
        if (is_known())
            ::iconv_close(handle_);
    }

    // iconv_open(3): (iconv_t)-1 is its failure.
    bool is_known() const noexcept { return reinterpret_cast<std::intptr_t>(handle_) != -1; }

    std::optional<std::string> operator()(std::string_view bytes) {
        std::string input{bytes}; // its interface takes no constant
        std::string result;
        char* in = input.data();
        auto left = input.size();
        while (true) {
            std::array<char, 4096> buffer{};
            char* out = buffer.data();
            auto room = buffer.size();
            const auto converted = ::iconv(handle_, &in, &left, &out, &room);
            result.append(buffer.data(), buffer.size() - room);
            if (converted != static_cast<std::size_t>(-1))
                return result;
            if (errno != E2BIG)
                return std::nullopt;
        }
    }

private:
    iconv_t handle_;
};

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\f\v";
    auto first = text.find_first_not_of(space);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(space) - first + 1);
}

bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

// A `#` inside a word, as in a URL, begins no comment.
std::string_view without_comment(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i)
        if (line[i] == '#' && (i == 0 || is_space(line[i - 1])))
            return line.substr(0, i);
    return line;
}

// The next line of `text`, which loses it, without its end: "\n", "\r" or both.
std::string_view take_line(std::string_view& text) {
    auto end = text.find_first_of("\r\n");
    auto line = text.substr(0, end);
    const bool pair = end != std::string_view::npos && text.substr(end).starts_with("\r\n");
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + (pair ? 2 : 1));
    return line;
}

// As pip has it: a line that is a comment goes on nowhere, though it ends in a backslash.
bool goes_on(std::string_view line) {
    return line.ends_with('\\') && !trimmed(line).starts_with('#');
}

// `-rother.txt`
bool has_attached_value(std::string_view line) {
    constexpr std::string_view letters = "rceif";
    return line.size() > 2 && line[0] == '-' && letters.find(line[1]) != std::string_view::npos &&
           !is_space(line[2]) && line[2] != '=';
}

} // namespace

outcome<requirements_text> decode_requirements(std::string_view bytes, std::string_view name) {
    std::string encoding;
    bool marked = false;
    for (const auto& mark : marks) {
        if (!bytes.starts_with(mark.bytes))
            continue;
        bytes.remove_prefix(mark.bytes.size());
        encoding = mark.encoding;
        marked = true;
        break;
    }
    if (!marked)
        encoding = name_for_iconv(declared_encoding(bytes));
    if (encoding.empty() && !is_utf8(bytes))
        return failure(error_code::invalid_argument, fmt::format("{} is not in UTF-8", redacted(name)),
                       "write it in UTF-8, or name its encoding in a comment of its first line, such as "
                       "`# coding: latin-1`");
    if (encoding.empty() || encoding == "utf-8" || encoding == "UTF-8")
        return requirements_text{std::string{bytes}, true};
    conversion convert{encoding};
    if (!convert.is_known())
        return failure(error_code::invalid_argument,
                       fmt::format("{} says that it is in {}, an encoding that this system does not know",
                                   redacted(name), redacted(encoding)),
                       "write it in UTF-8");
    auto text = convert(bytes);
    if (!text)
        return failure(
            error_code::invalid_argument,
            fmt::format("{} says that it is in {}, and is not", redacted(name), redacted(encoding)),
            "write it in UTF-8");
    // What was declared must not be believed again of the text that is passed on.
    const bool known_to_uv = marked ? encoding.starts_with("UTF-16") : is_utf8(bytes);
    return requirements_text{std::move(*text), known_to_uv};
}

std::vector<std::string> requirement_lines(std::string_view text) {
    std::vector<std::string> lines;
    std::string whole;
    while (!text.empty()) {
        const auto line = take_line(text);
        const bool continues = goes_on(line);
        whole += continues ? line.substr(0, line.size() - 1) : line;
        if (continues && !text.empty())
            continue;
        if (auto rest = trimmed(without_comment(whole)); !rest.empty())
            lines.emplace_back(rest);
        whole.clear();
    }
    return lines;
}

bool has_lines_for_pip_alone(std::string_view text) {
    bool continued = false;
    while (!text.empty()) {
        const auto line = take_line(text);
        const auto words = trimmed(line);
        if (continued ? !words.starts_with("--") && !words.starts_with('#') : has_attached_value(words))
            return true;
        continued = goes_on(line);
    }
    return continued;
}

} // namespace gestvenv::python
