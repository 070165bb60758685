// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/variable_file.hpp"

#include "system/posix/descriptor.hpp"
#include "system/posix/descriptor_name.hpp"
#include "system/posix/read_bytes.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/run/passed_descriptors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20;
constexpr std::string_view blanks = " \t\r";

std::string_view without_leading_blanks(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text;
}

/// As docker takes them: not only what a shell could set.
bool is_name(std::string_view text) {
    auto accepted = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '.' || c == '-';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), accepted);
}

/// One value, which in quotes may go over several lines, and what may follow it on its last line. What is not
/// well formed is none, and nothing of it is taken.
class value_reader {
public:
    /// `text` from behind the `=` to the end of the file.
    explicit value_reader(std::string_view text) : text_(without_leading_blanks(text)) {}

    std::optional<std::string> read() {
        if (text_.empty() || (text_.front() != '"' && text_.front() != '\''))
            return plain();
        const char quote = text_.front();
        text_.remove_prefix(1);
        auto value = quote == '\'' ? single() : double_quoted();
        if (!value)
            return {};
        auto line = take_line();
        auto after = without_leading_blanks(line);
        bool ended = after.empty() || (after.front() == '#' && after.size() < line.size());
        return ended ? value : std::nullopt;
    }

    /// What follows the value's last line.
    std::string_view rest() const noexcept { return text_; }

private:
    std::string_view take_line() {
        auto end = text_.find('\n');
        auto line = text_.substr(0, end);
        text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
        return line;
    }

    std::string plain() {
        const auto line = take_line();
        auto end = line.size();
        for (std::size_t index = 0; index < line.size(); ++index)
            if (line[index] == '#' &&
                (index == 0 || blanks.find(line[index - 1]) != std::string_view::npos)) {
                end = index;
                break;
            }
        auto text = line.substr(0, end);
        auto last = text.find_last_not_of(blanks);
        return std::string{text.substr(0, last == std::string_view::npos ? 0 : last + 1)};
    }

    // The file may have the line ends of another system; a value has ours.
    void append(std::string& value, char c) const {
        if (c != '\r' || text_.empty() || text_.front() != '\n')
            value += c;
    }

    std::optional<std::string> single() {
        std::string value;
        while (!text_.empty()) {
            char c = text_.front();
            text_.remove_prefix(1);
            if (c == '\'')
                return value;
            append(value, c);
        }
        return {};
    }

    std::optional<std::string> double_quoted() {
        constexpr std::string_view escaped = "\"\\$`nrt";
        constexpr std::string_view meant = "\"\\$`\n\r\t";
        std::string value;
        while (!text_.empty()) {
            char c = text_.front();
            text_.remove_prefix(1);
            if (c == '"')
                return value;
            if (c == '\\' && !text_.empty())
                if (auto which = escaped.find(text_.front()); which != std::string_view::npos) {
                    value += meant[which];
                    text_.remove_prefix(1);
                    continue;
                }
            append(value, c);
        }
        return {};
    }

    std::string_view text_;
};

std::size_t lines_in(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Of a pipe that was opened without waiting. It is not opened again: its writer may have come, written and gone meanwhile.
/// Without a deadline, as `cat` reads a pipe: Ctrl-C ends it.
bool wait_for_writer(int pipe) noexcept {
    pollfd end{pipe, POLLIN, 0};
    while (::poll(&end, 1, -1) < 0)
        if (errno != EINTR)
            return false;
    return ::fcntl(pipe, F_SETFL, O_RDONLY) == 0;
}

} // namespace

outcome<std::map<std::string, std::string>> parse_variables(std::string_view text, std::string_view name) {
    std::map<std::string, std::string> variables;
    constexpr const char* hint = "each line is NAME=VALUE, NAME='VALUE' or NAME=\"VALUE\", or a comment "
                                 "after #; a value in quotes may "
                                 "go over several lines";
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        return bad_value(fmt::format("{} is UTF-16, and not UTF-8", name), "save it as UTF-8");
    if (constexpr std::string_view byte_order_mark = "\xef\xbb\xbf"; text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    for (std::size_t number = 1; !text.empty();) {
        auto end = text.find('\n');
        auto line = without_leading_blanks(text.substr(0, end));
        auto refuse = [&name, number](const char* why) {
            return bad_value(fmt::format("{}:{}: {}", name, number, why), hint);
        };
        if (line.empty() || line.front() == '#') {
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
            ++number;
            continue;
        }
        if (constexpr std::string_view word = "export";
            line.starts_with(word) && line.size() > word.size() &&
            blanks.find(line[word.size()]) != std::string_view::npos)
            line = without_leading_blanks(line.substr(word.size()));
        auto equals = line.find('=');
        if (equals == std::string_view::npos)
            return refuse("the line has no =");
        const auto variable = line.substr(0, equals);
        if (!is_name(variable))
            return refuse("the text before = is no name of a variable");
        const auto behind = static_cast<std::size_t>(variable.data() - text.data()) + equals + 1;
        value_reader reader{text.substr(behind)};
        auto value = reader.read();
        if (!value)
            return refuse("the quotes of the value do not end, or something follows them");
        if (value->find('\0') != std::string::npos)
            return refuse("the value holds a NUL byte");
        variables[std::string{variable}] = std::move(*value);
        number += lines_in(text.substr(0, text.size() - reader.rest().size()));
        text = reader.rest();
    }
    return variables;
}

outcome<std::map<std::string, std::string>> read_variable_file(const std::string& path) {
    constexpr const char* hint = "name a file that can be read, with a line NAME=VALUE for each variable";
    auto refuse = [&path](const std::string& why) {
        return bad_value(fmt::format("--env-file {}: {}", shown(path), why), hint);
    };
    if (auto number = path == "-" ? std::optional{STDIN_FILENO} : descriptor_named(path)) {
        auto text = content_of(*number, largest_file);
        return text ? parse_variables(*text, path) : refuse(text.error().message);
    }
    // Not to wait where it is none.
    descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    struct stat found {};
    if (!file || ::fstat(file.get(), &found) != 0)
        return refuse(std::generic_category().message(errno));
    if (S_ISFIFO(found.st_mode)) { // what a keeper of secrets offers: read once, when it is written
        if (!wait_for_writer(file.get()))
            return refuse(std::generic_category().message(errno));
        auto text = content_of(file.get(), largest_file);
        return text ? parse_variables(*text, path) : refuse(text.error().message);
    }
    const bool is_null = S_ISCHR(found.st_mode) && found.st_rdev == ::makedev(1, 3); // null(4)
    if (!S_ISREG(found.st_mode) && !is_null)
        return refuse("it is not a regular file");
    auto text = read_bytes(file.get(), largest_file + 1);
    if (!text)
        return refuse(std::generic_category().message(text.error()));
    if (text->size() > largest_file)
        return refuse("it has more than a megabyte");
    return parse_variables(*text, path);
}

} // namespace gestvenv::cli
