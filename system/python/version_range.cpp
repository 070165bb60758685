// SPDX-License-Identifier: MIT
#include "system/python/version_range.hpp"

#include "system/python/syntax_cursor.hpp"
#include "system/python/version_specifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace gestvenv::python {

namespace {

// No release of Python has had as many corrections.
constexpr int most_patches = 100;

// The numbers of a release, the ones that are not written 0.
using release = std::array<int, 3>;

struct written_version {
    release numbers{};
    std::size_t count = 0;
    // `.*` behind them.
    bool prefix = false;
    // An alpha, beta, candidate or development release: before the one that its numbers name.
    bool before = false;
    // Of an epoch that Python has never had.
    bool other_epoch = false;
};

std::string_view digits_of(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && is_ascii_digit(text[count]))
        ++count;
    auto digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

int number_in(std::string_view digits) {
    int value = 0;
    for (char c : digits.substr(0, 6)) // more than any version has
        value = value * 10 + (c - '0');
    return value;
}

// `text` is a version by the grammar: parse_version_specifiers() has seen it.
written_version read(std::string_view text) {
    written_version result;
    if (!text.empty() && ascii_lower(text.front()) == 'v')
        text.remove_prefix(1);
    if (auto epoch = text.find('!'); epoch != std::string_view::npos) {
        result.other_epoch = text.substr(0, epoch).find_first_not_of('0') != std::string_view::npos;
        text.remove_prefix(epoch + 1);
    }
    while (true) {
        auto digits = digits_of(text);
        if (digits.empty())
            break;
        if (result.count < result.numbers.size())
            result.numbers[result.count++] = number_in(digits);
        if (text.size() < 2 || text.front() != '.' || !is_ascii_digit(text[1]))
            break;
        text.remove_prefix(1);
    }
    result.prefix = text == ".*";
    if (result.prefix || text.empty() || text.front() == '+')
        return result;
    while (!text.empty() && !is_ascii_letter(text.front()))
        text.remove_prefix(1);
    // `post`, `rev`, `r` and `-1` come after.
    char first = text.empty() ? 'p' : ascii_lower(text.front());
    result.before = first == 'a' || first == 'b' || first == 'c' || first == 'd' ||
                    (first == 'r' && text.size() > 1 && ascii_lower(text[1]) == 'c') ||
                    (first == 'p' && text.size() > 1 && ascii_lower(text[1]) == 'r');
    return result;
}

bool begins_with(const release& version, const written_version& wanted, std::size_t count) {
    return std::equal(version.begin(), version.begin() + static_cast<std::ptrdiff_t>(count),
                      wanted.numbers.begin());
}

bool fits(const release& version, const version_clause& clause) {
    const auto wanted = read(clause.version);
    if (wanted.other_epoch)
        return clause.comparison == "!=" || clause.comparison.front() == '<';
    // What is compared are releases: none of them is an alpha, a beta or a candidate.
    const auto& limit = wanted.numbers;
    if (clause.comparison == "==" || clause.comparison == "===")
        return wanted.prefix ? begins_with(version, wanted, wanted.count)
                             : version == limit && !wanted.before;
    if (clause.comparison == "!=")
        return wanted.prefix ? !begins_with(version, wanted, wanted.count)
                             : version != limit || wanted.before;
    if (clause.comparison == "~=")
        return version >= limit && begins_with(version, wanted, wanted.count - 1);
    if (clause.comparison == ">=")
        return version >= limit;
    if (clause.comparison == ">")
        return wanted.before ? version >= limit : version > limit;
    if (clause.comparison == "<=")
        return wanted.before ? version < limit : version <= limit;
    return version < limit;
}

bool fits(const release& version, const version_range& range) {
    return std::any_of(range.alternatives.begin(), range.alternatives.end(), [&](const auto& clauses) {
        return std::all_of(clauses.begin(), clauses.end(),
                           [&](const version_clause& clause) { return fits(version, clause); });
    });
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    auto first = text.find_first_not_of(blanks);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
    std::vector<std::string_view> parts;
    while (true) {
        auto end = text.find(separator);
        parts.push_back(trimmed(text.substr(0, end)));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + separator.size());
    }
}

// `^3.10` reaches to the next first number above 0, `~3.10` to the next second one.
std::string below(const written_version& version, bool caret) {
    std::size_t raised = caret || version.count == 1 ? 0 : 1;
    while (caret && raised + 1 < version.count && version.numbers[raised] == 0)
        ++raised;
    auto next = version.numbers;
    ++next[raised];
    std::fill(next.begin() + static_cast<std::ptrdiff_t>(raised) + 1, next.end(), 0);
    return fmt::format("{}.{}.{}", next[0], next[1], next[2]);
}

std::string in_pep_440(std::string_view part) {
    if (part.empty() || part == "*")
        return ">=0";
    if (part.front() == '^' || (part.front() == '~' && !part.starts_with("~="))) {
        auto text = trimmed(part.substr(1));
        return fmt::format(">={},<{}", text, below(read(text), part.front() == '^'));
    }
    if (is_ascii_digit(part.front()))
        return fmt::format("=={}", part);
    return std::string{part};
}

} // namespace

bool begins_range(std::string_view text) noexcept {
    return !text.empty() && std::string_view{"<>=!~"}.find(text.front()) != std::string_view::npos;
}

outcome<version_range> parse_version_range(std::string_view text) {
    version_range range;
    range.text = trimmed(text);
    auto refuse = [&range](std::string_view why) {
        return failure(
            error_code::invalid_argument,
            fmt::format("`{}` is no range of versions{}{}", range.text, why.empty() ? "" : ": ", why),
            "write it as `>=3.10` or `>=3.10,<3.13`");
    };
    for (auto part : split(range.text, "||")) {
        syntax_cursor cursor{part};
        auto& clauses = range.alternatives.emplace_back();
        if (!parse_version_specifiers(cursor, clauses))
            return refuse(cursor.problem());
        if (clauses.empty() || !cursor.at_end())
            return refuse({});
    }
    return range;
}

outcome<version_range> parse_poetry_range(std::string_view text) {
    std::string translated;
    for (auto alternative : split(text, "|")) {
        if (alternative.empty()) // between the two of `||`
            continue;
        translated += translated.empty() ? "" : " || ";
        auto first = true;
        for (auto part : split(alternative, ",")) {
            translated += (first ? "" : ",") + in_pep_440(part);
            first = false;
        }
    }
    return parse_version_range(translated);
}

range_fit fit(const interpreter_version& version, const version_range& range) {
    if (version.patch)
        return fits({version.major, version.minor, *version.patch}, range) ? range_fit::yes : range_fit::no;
    bool all = true;
    bool any = false;
    for (int patch = 0; patch < most_patches; ++patch) {
        bool one = fits({version.major, version.minor, patch}, range);
        all = all && one;
        any = any || one;
    }
    return all ? range_fit::yes : any ? range_fit::open : range_fit::no;
}

} // namespace gestvenv::python
