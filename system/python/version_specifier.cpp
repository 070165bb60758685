// SPDX-License-Identifier: MIT
// The grammar is that of PEP 440, appendix B, as `packaging` applies it to each comparison.
#include "system/python/version_specifier.hpp"

#include <initializer_list>
#include <string>

namespace gestvenv::python {

namespace {

bool take_digits(syntax_cursor& cursor) {
    return !cursor.take_while(is_ascii_digit).empty();
}

void take_separator(syntax_cursor& cursor) {
    if (char c = cursor.peek(); c == '-' || c == '_' || c == '.')
        cursor.take(c);
}

// `[-_.]?WORD[-_.]?[0-9]*` for one of the words, longer ones first; back where it was when none is there.
bool take_labelled_number(syntax_cursor& cursor, std::initializer_list<std::string_view> words) {
    auto begin = cursor.position();
    take_separator(cursor);
    for (auto word : words) {
        if (!cursor.take_ignoring_case(word))
            continue;
        auto after_word = cursor.position();
        take_separator(cursor);
        if (!take_digits(cursor))
            cursor.back_to(after_word); // the separator is the next part's
        return true;
    }
    cursor.back_to(begin);
    return false;
}

// `-1`, the old spelling of `.post1`.
void take_bare_post(syntax_cursor& cursor) {
    auto begin = cursor.position();
    if (!cursor.take('-') || !take_digits(cursor))
        cursor.back_to(begin);
}

// `N!`, back where it was when there is none.
void take_epoch(syntax_cursor& cursor) {
    auto begin = cursor.position();
    if (!take_digits(cursor) || !cursor.take('!'))
        cursor.back_to(begin);
}

// `1.2.3`: the count of numbers, 0 when there is none.
int take_release(syntax_cursor& cursor) {
    if (!take_digits(cursor))
        return 0;
    int count = 1;
    while (true) {
        auto begin = cursor.position();
        if (!cursor.take('.') || !take_digits(cursor)) {
            cursor.back_to(begin);
            return count;
        }
        ++count;
    }
}

// `+ubuntu.1`, back where it was when there is none.
bool take_local(syntax_cursor& cursor) {
    auto begin = cursor.position();
    if (!cursor.take('+') || cursor.take_while(is_ascii_alphanumeric).empty()) {
        cursor.back_to(begin);
        return false;
    }
    while (true) {
        auto before = cursor.position();
        char c = cursor.peek();
        if ((c != '-' && c != '_' && c != '.') || !cursor.take(c) ||
            cursor.take_while(is_ascii_alphanumeric).empty()) {
            cursor.back_to(before);
            return true;
        }
    }
}

bool parse_version(syntax_cursor& cursor, std::string_view comparison) {
    auto begin = cursor.position();
    auto wrong = [&](std::string_view what) {
        return cursor.fail("`" + std::string{comparison} + "` " + std::string{what});
    };
    if (comparison == "===") {
        auto word = cursor.take_while([](char c) { return c != ' ' && c != '\t' && c != ';' && c != ')'; });
        return !word.empty() || wrong("is not followed by a version");
    }
    cursor.take_ignoring_case("v");
    take_epoch(cursor);
    int numbers = take_release(cursor);
    if (numbers == 0)
        return wrong("is not followed by a version such as `1.2`");
    if (comparison == "~=" && numbers == 1)
        return wrong("needs a version of at least two numbers, such as `" + std::string{cursor.since(begin)} +
                     ".0`");
    bool takes_prefix = comparison == "==" || comparison == "!=";
    if (cursor.take(".*"))
        return takes_prefix || wrong("takes no `.*`; only `==` and `!=` do");
    take_labelled_number(cursor, {"alpha", "beta", "preview", "pre", "a", "b", "c", "rc"});
    if (!take_labelled_number(cursor, {"post", "rev", "r"}))
        take_bare_post(cursor);
    take_labelled_number(cursor, {"dev"});
    if (take_local(cursor) && !takes_prefix)
        return wrong("takes no local version (`+...`); only `==` and `!=` do");
    return true;
}

} // namespace

bool parse_version_specifiers(syntax_cursor& cursor, std::vector<version_clause>& clauses) {
    while (true) {
        version_clause clause;
        for (std::string_view comparison : {"===", "==", "~=", "!=", "<=", ">=", "<", ">"}) {
            if (cursor.take(comparison)) {
                clause.comparison = comparison;
                break;
            }
        }
        if (clause.comparison.empty())
            return true; // text in its place is for the caller to judge
        cursor.skip_space();
        auto begin = cursor.position();
        if (!parse_version(cursor, clause.comparison))
            return false;
        clause.version = cursor.since(begin);
        clauses.push_back(std::move(clause));
        auto end = cursor.position();
        cursor.skip_space();
        if (!cursor.take(',')) {
            cursor.back_to(end);
            return true;
        }
        cursor.skip_space(); // a comma at the end is accepted, as `packaging` does
    }
}

} // namespace gestvenv::python
