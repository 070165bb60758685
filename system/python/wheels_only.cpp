// SPDX-License-Identifier: MIT
#include "system/python/wheels_only.hpp"

#include "system/python/requirement.hpp"
#include "system/python/secrets.hpp"
#include "system/python/syntax_cursor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace gestvenv::python {

namespace {

constexpr const char* hint =
    "here only wheels are installed; allow building from source, or install it where that is allowed";

constexpr std::size_t largest_file = 1 << 20;

// Options of a requirements file that neither name something to build nor take the switch back.
constexpr std::array<std::string_view, 4> harmless_flags{"--no-index", "--prefer-binary", "--require-hashes",
                                                         "--pre"};
constexpr std::array<std::string_view, 6> harmless_options{"-i", "--index-url",  "--extra-index-url",
                                                           "-f", "--find-links", "--trusted-host"};

std::string_view trimmed(std::string_view text) {
    auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool names_a_wheel(std::string_view url) {
    auto scheme = url.substr(0, url.find("://"));
    auto path = url.substr(0, url.find_first_of("?#"));
    return scheme.find('+') == std::string_view::npos && path.ends_with(".whl");
}

outcome<void> check_one(const requirement& item) {
    if (!item.url.empty() && !names_a_wheel(item.url))
        return failure(error_code::invalid_argument,
                       fmt::format("`{}` would be built from source: its URL is not that of a wheel",
                                   redacted(item.text)),
                       hint);
    return {};
}

// What ends a line for Python's `splitlines`, which pip uses, and not for others.
bool has_unusual_line_break(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto byte = static_cast<unsigned char>(text[i]);
        if (byte == 0x0b || byte == 0x0c || (byte >= 0x1c && byte <= 0x1e))
            return true;
        auto rest = text.substr(i);
        if (rest.starts_with("\xc2\x85") || rest.starts_with("\xe2\x80\xa8") ||
            rest.starts_with("\xe2\x80\xa9"))
            return true;
    }
    return false;
}

// Lines as both pip and uv see them, joined where one ends in a backslash.
std::vector<std::string> logical_lines(std::string_view text) {
    std::vector<std::string> lines(1);
    bool continued = false;
    while (!text.empty()) {
        auto end = text.find_first_of("\r\n");
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!continued)
            lines.emplace_back();
        continued = line.ends_with('\\');
        lines.back() += continued ? line.substr(0, line.size() - 1) : line;
    }
    return lines;
}

// Cuts a comment off; a `#` inside a word, as in a URL, begins none.
std::string_view without_comment(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t'))
            return line.substr(0, i);
    }
    return line;
}

// A comment that ends in a backslash goes on in the next line for pip, and not for uv.
bool has_continued_comment(std::string_view text) {
    while (!text.empty()) {
        auto end = text.find_first_of("\r\n");
        auto line = text.substr(0, end);
        if (line.ends_with('\\') && line.find('#') != std::string_view::npos)
            return true;
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return false;
}

// `# -*- coding: ... -*-` in the first two lines: pip would read the file in that encoding.
bool declares_encoding(std::string_view text) {
    auto second = text.find('\n');
    auto end = second == std::string_view::npos ? second : text.find('\n', second + 1);
    return text.substr(0, end).find("coding") != std::string_view::npos;
}

// Cuts `--hash=...` off a requirement; any other option behind one stays, and is refused with it.
std::string_view without_hashes(std::string_view line) {
    while (true) {
        auto begin = line.find_last_of(" \t");
        if (begin == std::string_view::npos || !line.substr(begin + 1).starts_with("--hash="))
            return line;
        line = trimmed(line.substr(0, begin));
    }
}

template <std::size_t Count>
bool is_one_of(std::string_view text, const std::array<std::string_view, Count>& words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

// A flag alone, or an option with one value and nothing behind it; `--option=value` is one word.
bool is_harmless(std::string_view line) {
    auto end = line.find_first_of(" \t");
    auto word = line.substr(0, end);
    auto rest = end == std::string_view::npos ? std::string_view{} : trimmed(line.substr(end));
    if (rest.empty())
        return is_one_of(word, harmless_flags) ||
               (word.starts_with("--") && is_one_of(word.substr(0, word.find('=')), harmless_options));
    return is_one_of(word, harmless_options) && rest.find_first_of(" \t") == std::string_view::npos;
}

outcome<void> check_line(std::string_view line) {
    if (line.find("${") != std::string_view::npos)
        return failure(error_code::invalid_argument, "it holds a variable", hint);
    if (!line.starts_with('-'))
        return parse_requirement(without_hashes(line)).and_then(check_one);
    if (!is_harmless(line))
        return failure(error_code::invalid_argument, "an option that may have something built from source",
                       hint);
    return {};
}

} // namespace

outcome<void> check_wheels_only(const std::vector<requirement>& packages) {
    for (const auto& item : packages) {
        if (auto good = check_one(item); !good)
            return good;
    }
    return {};
}

outcome<void> check_wheels_only(std::string_view text, std::string_view name) {
    auto refused = [name](std::string_view why) {
        return failure(error_code::invalid_argument, fmt::format("{}: {}", redacted(name), why), hint);
    };
    if (text.size() > largest_file)
        return refused("a requirements file of more than 1 MB");
    if (has_unusual_line_break(text) || has_continued_comment(text))
        return refused("not everybody sees the same lines in it");
    if (declares_encoding(text))
        return refused("its first lines name an encoding");
    for (const auto& whole : logical_lines(text)) {
        auto line = trimmed(without_comment(whole));
        if (line.empty())
            continue;
        if (auto good = check_line(line); !good)
            return refused(fmt::format("`{}`: {}", redacted(line), good.error().message));
    }
    return {};
}

} // namespace gestvenv::python
