// SPDX-License-Identifier: MIT
#include "net/terminal/screen_modes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace gestvenv::terminal {

namespace {

constexpr char escape = '\x1b';
constexpr std::size_t longest_parameters = 64;
constexpr int shown_cursor = 25;
/// Set by DECSET: keys of the application, the cursor, the mouse, the other screen, paste in brackets.
constexpr std::array known_modes{1,    shown_cursor, 47,   1000, 1002, 1003, 1004,
                                 1005, 1006,         1015, 1047, 1049, 2004};

bool usually_set(int mode) {
    return mode == shown_cursor;
}

bool is_final(char byte) {
    return byte >= 0x40 && byte <= 0x7e;
}

std::string sequence(int mode, bool is_set) {
    return std::string{escape} + "[?" + std::to_string(mode) + (is_set ? 'h' : 'l');
}

/// Of what begins with an escape: how many bytes it has; 0: it has no end here.
std::size_t length_of_sequence(std::string_view text) {
    if (text.size() < 2)
        return 0;
    if (text[1] == '[') {
        for (std::size_t i = 2; i < text.size(); ++i)
            if (is_final(text[i]))
                return i + 1;
        return 0;
    }
    if (text[1] != ']' && text[1] != 'P')
        return 2;
    for (std::size_t i = 2; i < text.size(); ++i) {
        if (text[i] == '\a')
            return i + 1;
        if (text[i] == escape)
            return i + 1 < text.size() && text[i + 1] == '\\' ? i + 2 : i;
    }
    return 0;
}

/// Device status and attributes, modes, colours, settings: what a terminal answers.
bool is_question(std::string_view sequence) {
    switch (sequence[1]) {
    case '[':
        return sequence.back() == 'n' || sequence.back() == 'c' || sequence.back() == 'x' ||
               sequence.ends_with("$p") || sequence.ends_with("?u") ||
               (sequence.back() == 'q' && sequence.starts_with("\x1b[>")) ||
               (sequence.back() == 't' && sequence.starts_with("\x1b[1"));
    case ']':
        return sequence.find(";?") != std::string_view::npos;
    case 'P':
        return sequence.starts_with("\x1bP+q") || sequence.starts_with("\x1bP$q");
    default:
        return sequence[1] == 'Z';
    }
}

} // namespace

void screen_modes::read(std::string_view piece) {
    for (char byte : piece) {
        if (byte == escape) {
            at_ = place::escape;
            continue;
        }
        switch (at_) {
        case place::text:
            break;
        case place::escape:
            if (byte == 'c') { // all of it anew
                changed_.clear();
                keypad_ = false;
            } else if (byte == '=' || byte == '>') {
                keypad_ = byte == '=';
            }
            at_ = byte == '[' ? place::control : place::text;
            parameters_.clear();
            break;
        case place::control:
            at_ = byte == '?' ? place::parameters : place::text;
            break;
        case place::parameters:
            if (is_final(byte)) {
                end_of_sequence(byte);
                at_ = place::text;
            } else if (parameters_.size() < longest_parameters) {
                parameters_ += byte;
            }
            break;
        }
    }
}

void screen_modes::end_of_sequence(char final) {
    if (final != 'h' && final != 'l')
        return;
    std::string_view rest{parameters_};
    while (!rest.empty()) {
        const auto end = std::min(rest.find(';'), rest.size());
        int mode = 0;
        const auto read = std::from_chars(rest.data(), rest.data() + end, mode);
        if (read.ec == std::errc{} &&
            std::find(known_modes.begin(), known_modes.end(), mode) != known_modes.end()) {
            if ((final == 'h') != usually_set(mode))
                changed_.insert(mode);
            else
                changed_.erase(mode);
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

std::string screen_modes::set() const {
    std::string text;
    for (int mode : changed_)
        text += sequence(mode, !usually_set(mode));
    return keypad_ ? text + escape + '=' : text;
}

std::string screen_modes::reset() const {
    std::string text;
    for (int mode : changed_)
        text += sequence(mode, usually_set(mode));
    return keypad_ ? text + escape + '>' : text;
}

std::string without_questions(std::string_view output) {
    std::string kept;
    kept.reserve(output.size());
    while (!output.empty()) {
        const auto begin = std::min(output.find(escape), output.size());
        kept += output.substr(0, begin);
        output.remove_prefix(begin);
        if (output.empty())
            break;
        const auto length = length_of_sequence(output);
        const auto sequence = output.substr(0, length == 0 ? output.size() : length);
        if (length == 0 || !is_question(sequence))
            kept += sequence;
        output.remove_prefix(sequence.size());
    }
    return kept;
}

} // namespace gestvenv::terminal
