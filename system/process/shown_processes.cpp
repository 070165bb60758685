// SPDX-License-Identifier: MIT
#include "system/process/shown_processes.hpp"

#include "messages/command_line_text.hpp"
#include "messages/text_encoding.hpp"
#include "system/redaction.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gestvenv {

namespace {

constexpr std::string_view mask = "****";
constexpr std::string_view ellipsis = "\u2026";

bool is_control(char c) noexcept {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

/// U+0080 to U+009F, which some terminals obey, are two bytes in UTF-8.
void remove_second_control_set(std::string& text) {
    for (auto at = text.find('\xc2'); at != std::string::npos && at + 1 < text.size();
         at = text.find('\xc2', at + 1))
        if (static_cast<unsigned char>(text[at + 1]) < 0xa0)
            text.replace(at, 2, "?");
}

std::string_view take_argument(std::string_view& arguments) {
    auto end = arguments.find('\0');
    auto taken = arguments.substr(0, end);
    arguments.remove_prefix(end == std::string_view::npos ? arguments.size() : end + 1);
    return taken;
}

std::string shown_argument(std::string_view argument) {
    auto text = replace_invalid_utf8(without_secrets(argument));
    for (auto& c : text)
        if (is_control(c))
            c = c == '\n' || c == '\t' ? ' ' : '?';
    remove_second_control_set(text);
    // Quoting it would make a program's argument of it.
    return text == mask ? text : quote_command(std::array{std::move(text)});
}

/// Not within a character.
void cut(std::string& text, std::size_t most) {
    if (text.size() <= most)
        return;
    auto end = most - ellipsis.size();
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    text.resize(end);
    text += ellipsis;
}

} // namespace

std::string shown_arguments(std::string_view arguments) {
    std::string line;
    bool secret_follows = false;
    // A title that a process has given itself is padded with zero bytes.
    while (arguments.ends_with('\0') && arguments.size() > 1 && arguments[arguments.size() - 2] == '\0')
        arguments.remove_suffix(1);
    while (!arguments.empty()) {
        const auto argument = take_argument(arguments);
        if (!line.empty())
            line += ' ';
        line += secret_follows ? std::string{mask} : shown_argument(argument);
        secret_follows = argument.starts_with('-') && argument.find('=') == std::string_view::npos &&
                         names_secret(argument);
    }
    cut(line, process_list::longest_command_line);
    return line;
}

process_list shown_processes(protocol::listed found) {
    process_list all;
    all.at = found.at;
    all.total = found.total;
    all.processes.reserve(found.processes.size());
    for (auto& one : found.processes) {
        one.facts.name = replace_invalid_utf8(one.facts.name);
        std::replace_if(one.facts.name.begin(), one.facts.name.end(), is_control, '?');
        remove_second_control_set(one.facts.name);
        one.facts.command_line = shown_arguments(one.arguments);
        all.processes.push_back(std::move(one.facts));
    }
    return all;
}

} // namespace gestvenv
