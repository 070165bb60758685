// SPDX-License-Identifier: MIT
#include "system/python/environment_marker.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace gestvenv::python {

namespace {

// Deep enough for people, too shallow for the stack.
constexpr int deepest_nesting = 100;

// With the spellings of PEP 345 that `packaging` still takes.
constexpr std::array<std::string_view, 19> variable_names{"python_version",
                                                          "python_full_version",
                                                          "os_name",
                                                          "os.name",
                                                          "sys_platform",
                                                          "sys.platform",
                                                          "platform_release",
                                                          "platform_system",
                                                          "platform_version",
                                                          "platform.version",
                                                          "platform_machine",
                                                          "platform.machine",
                                                          "platform_python_implementation",
                                                          "platform.python_implementation",
                                                          "python_implementation",
                                                          "implementation_name",
                                                          "implementation_version",
                                                          "extra",
                                                          "extras"};

bool is_word(char c) noexcept {
    return is_ascii_alphanumeric(c) || c == '_' || c == '.';
}

// Takes `word` where it stands alone.
bool take_word(syntax_cursor& cursor, std::string_view word) {
    auto begin = cursor.position();
    if (cursor.take_while(is_word) == word)
        return true;
    cursor.back_to(begin);
    return false;
}

bool parse_operand(syntax_cursor& cursor) {
    cursor.skip_space();
    if (char quote = cursor.peek(); quote == '"' || quote == '\'') {
        cursor.take(quote);
        cursor.take_while([quote](char c) { return c != quote; });
        return cursor.take(quote) || cursor.fail("a quoted text in its marker does not end");
    }
    auto word = cursor.take_while(is_word);
    if (std::find(variable_names.begin(), variable_names.end(), word) != variable_names.end())
        return true;
    if (word.empty())
        return cursor.fail("its marker lacks a variable or a quoted text");
    return cursor.fail("`" + std::string{word} + "` is no variable of a marker");
}

bool parse_comparison(syntax_cursor& cursor) {
    cursor.skip_space();
    for (std::string_view comparison : {"===", "==", "~=", "!=", "<=", ">=", "<", ">"}) {
        if (cursor.take(comparison))
            return true;
    }
    if (take_word(cursor, "in"))
        return true;
    if (take_word(cursor, "not") && cursor.skip_space() && take_word(cursor, "in"))
        return true;
    return cursor.fail("its marker lacks a comparison such as `>=`, `==` or `in`");
}

bool parse_expression(syntax_cursor& cursor, int depth);

bool parse_term(syntax_cursor& cursor, int depth) {
    cursor.skip_space();
    if (!cursor.take('('))
        return parse_operand(cursor) && parse_comparison(cursor) && parse_operand(cursor);
    if (depth == deepest_nesting)
        return cursor.fail("its marker is nested too deeply");
    if (!parse_expression(cursor, depth + 1))
        return false;
    cursor.skip_space();
    return cursor.take(')') || cursor.fail("its marker lacks a `)`");
}

bool parse_expression(syntax_cursor& cursor, int depth) {
    do {
        if (!parse_term(cursor, depth))
            return false;
        cursor.skip_space();
    } while (take_word(cursor, "and") || take_word(cursor, "or"));
    return true;
}

} // namespace

bool parse_marker(syntax_cursor& cursor) {
    if (!parse_expression(cursor, 0))
        return false;
    cursor.skip_space();
    return cursor.at_end() || cursor.fail("its marker goes on after its end");
}

} // namespace gestvenv::python
