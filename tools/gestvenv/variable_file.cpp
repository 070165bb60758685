#include "tools/gestvenv/variable_file.hpp"

#include "system/process/descriptor.hpp"
#include "tools/gestvenv/option_values.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
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

bool is_name(std::string_view text) {
    auto accepted = [](char c, bool first) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               (!first && c >= '0' && c <= '9');
    };
    for (std::size_t index = 0; index < text.size(); ++index)
        if (!accepted(text[index], index == 0))
            return false;
    return !text.empty();
}

/// One value with what may follow it on its line; none where it is not well formed.
class value_reader {
public:
    explicit value_reader(std::string_view rest) : rest_(without_leading_blanks(rest)) {}

    std::optional<std::string> read() {
        if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\''))
            return plain();
        const char quote = rest_.front();
        rest_.remove_prefix(1);
        auto value = quote == '\'' ? single() : double_quoted();
        if (!value)
            return {};
        auto after = without_leading_blanks(rest_);
        bool ended = after.empty() || (after.front() == '#' && after.size() < rest_.size());
        return ended ? value : std::nullopt;
    }

private:
    std::string plain() const {
        auto end = rest_.size();
        for (std::size_t index = 0; index < rest_.size(); ++index)
            if (rest_[index] == '#' &&
                (index == 0 || blanks.find(rest_[index - 1]) != std::string_view::npos)) {
                end = index;
                break;
            }
        auto text = rest_.substr(0, end);
        auto last = text.find_last_not_of(blanks);
        return std::string{text.substr(0, last == std::string_view::npos ? 0 : last + 1)};
    }

    std::optional<std::string> single() {
        auto end = rest_.find('\'');
        if (end == std::string_view::npos)
            return {};
        std::string value{rest_.substr(0, end)};
        rest_.remove_prefix(end + 1);
        return value;
    }

    std::optional<std::string> double_quoted() {
        constexpr std::string_view escaped = "\"\\$`nrt";
        constexpr std::string_view meant = "\"\\$`\n\r\t";
        std::string value;
        while (!rest_.empty()) {
            char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"')
                return value;
            if (c == '\\' && !rest_.empty())
                if (auto which = escaped.find(rest_.front()); which != std::string_view::npos) {
                    value += meant[which];
                    rest_.remove_prefix(1);
                    continue;
                }
            value += c;
        }
        return {};
    }

    std::string_view rest_;
};

} // namespace

outcome<std::map<std::string, std::string>> parse_variables(std::string_view text, std::string_view name) {
    std::map<std::string, std::string> variables;
    constexpr const char* hint =
        "each line is NAME=VALUE, NAME='VALUE' or NAME=\"VALUE\", or a comment after #";
    for (std::size_t number = 1; !text.empty(); ++number) {
        auto end = text.find('\n');
        auto line = without_leading_blanks(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        auto refuse = [&](const char* why) {
            return bad_value(fmt::format("{}:{}: {}", name, number, why), hint);
        };
        if (line.empty() || line.front() == '#')
            continue;
        if (constexpr std::string_view word = "export "; line.substr(0, word.size()) == word)
            line = without_leading_blanks(line.substr(word.size()));
        auto equals = line.find('=');
        if (equals == std::string_view::npos)
            return refuse("the line has no =");
        if (!is_name(line.substr(0, equals)))
            return refuse("what stands before = is no name of a variable");
        auto value = value_reader{line.substr(equals + 1)}.read();
        if (!value)
            return refuse("the quotes of the value do not end, or something follows them");
        if (value->find('\0') != std::string::npos)
            return refuse("the value holds a NUL byte");
        variables[std::string{line.substr(0, equals)}] = std::move(*value);
    }
    return variables;
}

outcome<std::map<std::string, std::string>> read_variable_file(const std::string& path) {
    constexpr const char* hint = "name a file that can be read, with a line NAME=VALUE for each variable";
    auto refuse = [&path](const std::string& why) {
        return bad_value(fmt::format("--env-file {}: {}", shown(path), why), hint);
    };
    // Not to wait for a writer where it is a pipe; that is refused below.
    descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    struct stat found {};
    if (!file || ::fstat(file.get(), &found) != 0)
        return refuse(std::generic_category().message(errno));
    if (!S_ISREG(found.st_mode))
        return refuse("it is not a regular file");
    std::string text(largest_file + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        auto got = ::read(file.get(), text.data() + size, text.size() - size);
        if (got == 0)
            break;
        if (got > 0)
            size += static_cast<std::size_t>(got);
        else if (errno != EINTR)
            return refuse(std::generic_category().message(errno));
    }
    if (size > largest_file)
        return refuse("it has more than a megabyte");
    text.resize(size);
    return parse_variables(text, path);
}

} // namespace gestvenv::cli
