// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/line_words.hpp"

#include <utility>

namespace gestvenv::cli {

namespace {

/// Goes through a text character by character by the quoting rules of a shell.
class quoting {
public:
    /// What the character means; call it with each in turn.
    enum class meaning { text, quote, blank, separator, newline, comment };

    meaning next(char c) {
        const bool begins_word = std::exchange(begins_word_, false);
        if (in_comment_) {
            if (c != '\n')
                return meaning::comment;
            in_comment_ = false;
            begins_word_ = true;
            return meaning::newline;
        }
        if (std::exchange(escaped_, false))
            return meaning::text;
        if (c == '\\' && quote_ != '\'') {
            escaped_ = true;
            return meaning::quote;
        }
        if (quote_ != '\0') {
            if (c != quote_)
                return meaning::text;
            quote_ = '\0';
            return meaning::quote;
        }
        switch (c) {
        case '\'':
        case '"':
            quote_ = c;
            return meaning::quote;
        case '#':
            in_comment_ = begins_word;
            return begins_word ? meaning::comment : meaning::text;
        case ' ':
        case '\t':
            begins_word_ = true;
            return meaning::blank;
        case ';':
            begins_word_ = true;
            return meaning::separator;
        case '\n':
            begins_word_ = true;
            return meaning::newline;
        default:
            return meaning::text;
        }
    }

    bool is_open() const noexcept { return escaped_ || quote_ != '\0'; }

private:
    char quote_ = '\0';
    bool escaped_ = false;
    bool in_comment_ = false;
    bool begins_word_ = true;
};

using meaning = quoting::meaning;

} // namespace

bool is_unfinished(std::string_view text) {
    quoting state;
    for (char c : text)
        state.next(c);
    return state.is_open();
}

std::vector<std::string> commands_in(std::string_view text) {
    std::vector<std::string> commands;
    std::string command;
    const auto finish = [&] {
        if (command.find_first_not_of(" \t") != std::string::npos)
            commands.push_back(std::move(command));
        command.clear();
    };
    quoting state;
    for (char c : text) {
        switch (state.next(c)) {
        case meaning::separator:
        case meaning::newline:
            finish();
            break;
        case meaning::comment:
            break;
        default:
            command += c;
        }
    }
    finish();
    return commands;
}

typed_words typed_words_in(std::string_view text) {
    typed_words words;
    bool is_word = false;
    const auto finish = [&] {
        if (std::exchange(is_word, false))
            words.before.push_back(std::move(words.last));
        words.last.clear();
        words.is_quoted = false;
    };
    quoting state;
    for (char c : text) {
        switch (state.next(c)) {
        case meaning::text:
            words.last += c;
            is_word = true;
            break;
        case meaning::quote:
            words.is_quoted = is_word = true;
            break;
        case meaning::blank:
            finish();
            break;
        case meaning::separator:
        case meaning::newline:
            finish();
            words.before.clear();
            break;
        case meaning::comment:
            break;
        }
    }
    return words;
}

} // namespace gestvenv::cli
