// SPDX-License-Identifier: MIT
#include "messages/command_line_text.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace gestvenv {

namespace {

// The C library's classification depends on the locale; a shell's syntax does not.
constexpr bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n';
}
constexpr bool is_one_of(char c, std::string_view set) noexcept {
    return set.find(c) != std::string_view::npos;
}

/// Whether `word` is `NAME=...`, which before a program is an assignment (POSIX 2.10.2, rule 7).
bool is_assignment(std::string_view word) noexcept {
    auto equals = word.find('=');
    if (equals == 0 || equals == std::string_view::npos || is_digit(word.front()))
        return false;
    for (char c : word.substr(0, equals))
        if (!is_letter(c) && !is_digit(c))
            return false;
    return true;
}

class splitter {
public:
    explicit splitter(std::string_view text) noexcept : text_(text) {}

    outcome<std::vector<std::string>> split() {
        if (auto nul = text_.find('\0'); nul != std::string_view::npos)
            return failure(error_code::invalid_argument,
                           fmt::format("the command holds a NUL byte at character {}", nul + 1));
        while (skip_blanks()) {
            if (!read_word())
                return failure(std::move(error_));
        }
        if (error_.code != error_code{})
            return failure(std::move(error_));
        if (words_.empty())
            return failure(error_code::invalid_argument, "the command is empty");
        return std::move(words_);
    }

private:
    static constexpr char end = '\0'; // never part of the text: checked first

    char peek(std::size_t ahead = 0) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : end;
    }

    /// The character after this one as a shell sees it, which joins lines first.
    char next() const noexcept {
        std::size_t ahead = 1;
        while (peek(ahead) == '\\' && peek(ahead + 1) == '\n')
            ahead += 2;
        return peek(ahead);
    }

    bool fail(std::string what, std::string hint) {
        error_ = {error_code::invalid_argument, std::move(what), {}, std::move(hint)};
        return false;
    }

    bool fail_shell_syntax(std::string_view what) {
        return fail(fmt::format("the command holds {} at character {}, which only a shell understands", what,
                                at_ + 1),
                    "quote it to pass it as it is, or ask for shell=true");
    }

    /// To the next word; false at the end of the text, or with an error at a newline between words.
    bool skip_blanks() {
        std::size_t newline = std::string_view::npos;
        for (; is_blank(peek()) || (peek() == '\\' && peek(1) == '\n'); ++at_) {
            if (peek() == '\\')
                ++at_;
            else if (peek() == '\n' && newline == std::string_view::npos)
                newline = at_;
        }
        if (peek() == end)
            return false;
        if (newline != std::string_view::npos && !words_.empty()) {
            at_ = newline;
            return fail_shell_syntax("an unquoted newline");
        }
        return true;
    }

    /// Appends the word that starts here.
    bool read_word() {
        if (peek() == '#')
            return fail_shell_syntax("a word that begins with #, a comment,");
        if (peek() == '~' && (next() == end || next() == '/' || is_blank(next()) || is_letter(next())))
            return fail_shell_syntax("a word that begins with ~");
        std::string word;
        // What precedes the first quoting character: only there can an assignment's name stand.
        std::size_t unquoted = std::string::npos;
        auto start = at_;
        while (peek() != end && !is_blank(peek())) {
            char c = peek();
            bool joins_lines = c == '\\' && peek(1) == '\n';
            if (is_one_of(c, "'\"\\") && !joins_lines && unquoted == std::string::npos)
                unquoted = word.size();
            bool good = true;
            if (c == '\'')
                good = read_single_quotes(word);
            else if (c == '"')
                good = read_double_quotes(word);
            else if (c == '\\')
                good = read_backslash(word);
            else if (is_one_of(c, ";|&<>()`"))
                good = fail_shell_syntax(fmt::format("an unquoted {}", c));
            else if (c == '$' && (expands() || next() == '\'' || next() == '"'))
                good = fail_shell_syntax("a $ that would be expanded");
            else
                word += text_[at_++];
            if (!good)
                return false;
        }
        if (words_.empty() && is_assignment(std::string_view{word}.substr(0, unquoted))) {
            at_ = start;
            return fail(fmt::format("the command begins with an assignment at character {}", at_ + 1),
                        "set variables of the command beside it, or ask for shell=true");
        }
        words_.push_back(std::move(word));
        return true;
    }

    /// Whether the `$` here begins an expansion in a shell, in double quotes or without (POSIX 2.6).
    bool expands() const noexcept {
        char following = next();
        return is_letter(following) || is_digit(following) ||
               (following != end && is_one_of(following, "{([@*#?$!-"));
    }

    bool read_single_quotes(std::string& word) {
        auto close = text_.find('\'', at_ + 1);
        if (close == std::string_view::npos)
            return fail(fmt::format("the single quote at character {} is never closed", at_ + 1),
                        "a single quote itself is written \\'");
        word += text_.substr(at_ + 1, close - at_ - 1);
        at_ = close + 1;
        return true;
    }

    bool read_double_quotes(std::string& word) {
        auto open = at_++;
        while (peek() != '"') {
            char c = peek();
            if (c == end)
                return fail(fmt::format("the double quote at character {} is never closed", open + 1),
                            "a double quote itself is written \\\"");
            if (c == '`' || (c == '$' && expands()))
                return fail_shell_syntax(fmt::format("a {} in double quotes that would be expanded", c));
            if (c == '\\' && peek(1) == '\n') {
                at_ += 2;
                continue;
            }
            if (c == '\\' && peek(1) != end && is_one_of(peek(1), "$`\"\\"))
                ++at_;
            word += text_[at_++];
        }
        ++at_;
        return true;
    }

    bool read_backslash(std::string& word) {
        if (peek(1) == end)
            return fail("the command ends in a backslash", "a backslash itself is written \\\\");
        if (peek(1) != '\n')
            word += peek(1);
        at_ += 2;
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<std::string> words_;
    error error_{error_code{}, {}, {}, {}};
};

bool needs_quotes(std::string_view argument, bool is_program) noexcept {
    if (argument.empty() || (is_program && is_assignment(argument)))
        return true;
    for (char c : argument)
        if (!is_letter(c) && !is_digit(c) && !is_one_of(c, "@%+=:,./-"))
            return true;
    return false;
}

} // namespace

outcome<std::vector<std::string>> split_command(std::string_view text) {
    return splitter{text}.split();
}

std::string quote_command(std::span<const std::string> arguments) {
    std::string text;
    for (std::size_t index = 0; index < arguments.size(); ++index) {
        const auto& argument = arguments[index];
        if (index > 0)
            text += ' ';
        if (!needs_quotes(argument, index == 0)) {
            text += argument;
            continue;
        }
        text += '\'';
        for (char c : argument) {
            if (c == '\'')
                text += "'\\''";
            else
                text += c;
        }
        text += '\'';
    }
    return text;
}

} // namespace gestvenv
