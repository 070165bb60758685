// SPDX-License-Identifier: MIT
// Whether a command can be run at all: validation.hpp's part of it.
#include "messages/command_line_text.hpp"
#include "messages/field_checks.hpp"
#include "messages/text_encoding.hpp"
#include "messages/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace gestvenv {

using namespace field_checks;

namespace {

/// What the kernel counts for one string of execve(2), which must be free of NUL and not too long by itself.
outcome<std::size_t> string_cost(std::string_view what, std::size_t size, bool nul) {
    if (nul)
        return refuse(fmt::format("{} holds a NUL byte", what));
    if (size >= bounds::argument_length)
        return refuse(fmt::format("{} has {} bytes, and the system accepts at most {}", what, size,
                                  bounds::argument_length - 1),
                      "pass it by standard input or by a file");
    return size + 1 + sizeof(char*);
}

outcome<std::size_t> arguments_cost(const std::vector<std::string>& arguments) {
    std::size_t total = 0;
    for (std::size_t index = 0; index < arguments.size(); ++index) {
        auto what = index == 0 ? std::string{"the program's name"} : fmt::format("argument {}", index);
        auto cost = string_cost(what, arguments[index].size(), has_nul(arguments[index]));
        if (!cost)
            return cost;
        total += *cost;
    }
    return total;
}

outcome<std::size_t> variables_cost(const std::map<std::string, std::string>& variables) {
    std::size_t total = 0;
    for (const auto& [name, value] : variables) {
        // The name is not quoted: a caller who mixed up the two may have a secret in it.
        if (name.empty() || name.find('=') != std::string::npos || has_nul(name))
            return refuse("the name of a variable must not be empty and must not hold = or NUL");
        auto cost = string_cost(fmt::format("variable {}", replace_invalid_utf8(name)),
                                name.size() + 1 + value.size(), has_nul(value));
        if (!cost)
            return cost;
        total += *cost;
    }
    return total;
}

outcome<std::vector<std::string>> arguments_of(const command_spec& command) {
    if (!command.arguments.empty() && !command.text.empty())
        return refuse("a command is given as arguments or as text, not as both");
    if (command.shell && command.text.empty())
        return refuse("a command for a shell is given as text",
                      "leave shell unset to run arguments as they are");
    if (command.shell)
        return std::vector<std::string>{"bash", "-c", command.text};
    if (!command.text.empty())
        return split_command(command.text);
    if (command.arguments.empty() || command.arguments.front().empty())
        return refuse("the command is empty");
    return command.arguments;
}

constexpr int most_processors = 8192;

outcome<void> check_settings(const std::optional<process_settings>& settings) {
    if (!settings)
        return {};
    if (settings->nice && (*settings->nice < -20 || *settings->nice > 19))
        return refuse(fmt::format("nice must be -20 to 19, and is {}", *settings->nice));
    for (int number : settings->processors)
        if (number < 0 || number >= most_processors)
            return refuse(fmt::format("a processor's number must be 0 to {}, and one is {}",
                                      most_processors - 1, number));
    constexpr std::array known{"as",      "core",     "cpu",        "data",   "fsize", "locks",
                               "memlock", "msgqueue", "nice",       "nofile", "nproc", "rss",
                               "rtprio",  "rttime",   "sigpending", "stack"};
    for (const auto& [name, limit] : settings->limits) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            return refuse("process_settings.limits names a limit that prlimit(1) does not have");
        if (limit.soft > limit.hard)
            return refuse(fmt::format("the soft limit of {} is above the hard one", name));
    }
    return {};
}

} // namespace

outcome<void> validate_variables(const std::map<std::string, std::string>& variables) {
    return variables_cost(variables).and_then([](std::size_t total) -> outcome<void> {
        if (total > bounds::command_size)
            return refuse(fmt::format("the variables need {} bytes, and at most {} are accepted", total,
                                      bounds::command_size));
        return {};
    });
}

outcome<void> validate(const command_spec& command) {
    auto arguments = arguments_of(command);
    if (!arguments)
        return failure(std::move(arguments).error());
    auto own = arguments_cost(*arguments);
    if (!own)
        return failure(std::move(own).error());
    auto variables = variables_cost(command.variables);
    if (!variables)
        return failure(std::move(variables).error());
    if (*own + *variables > bounds::command_size)
        return refuse(
            fmt::format("arguments and variables need {} bytes together, and at most {} are accepted",
                        *own + *variables, bounds::command_size),
            "pass long data by standard input or by a file");
    if (command.timeout)
        if (auto good = check_timeout(*command.timeout); !good)
            return good;
    if (auto good = check_settings(command.process_settings); !good)
        return good;
    if (command.passed_descriptors.size() > bounds::passed_descriptors)
        return refuse(fmt::format("{} descriptors are passed on, and at most {} are accepted",
                                  command.passed_descriptors.size(), bounds::passed_descriptors));
    for (int number : command.passed_descriptors)
        if (number <= 2)
            return refuse(fmt::format("descriptor {} cannot be passed on", number),
                          "0, 1 and 2 are the command's streams; others are above them");
    if (command.umask > 0777)
        return refuse(fmt::format("umask must be at most 0777, and is 0{:o}", command.umask),
                      "it names the permissions that new files do not get: 022");
    if (command.terminal && command.terminal->device < 0)
        return refuse("the terminal of the command has no device",
                      "give a descriptor of the program's side of a pseudo-terminal (openpty(3))");
    if (command.grants.size() > bounds::grants)
        return refuse(fmt::format("{} grants are given, and at most {} are accepted", command.grants.size(),
                                  bounds::grants));
    for (const auto& grant : command.grants) {
        if (auto good = check_path("a granted path", grant.path.native()); !good)
            return good;
        if (grant.path.is_relative())
            return refuse(fmt::format("the granted path '{}' is relative", grant.path.native()),
                          "grants name what of the host a command may reach: give an absolute path");
    }
    if (!command.working_directory.empty())
        if (auto good = check_path("working_directory", command.working_directory.native()); !good)
            return good;
    if (command.standard_input.size() > bounds::input_size)
        return refuse(fmt::format("standard_input has {} bytes, and at most {} are accepted",
                                  command.standard_input.size(), bounds::input_size));
    if (command.streams == stream_mode::inherit && !command.standard_input.empty())
        return refuse("standard_input is given, and the command takes the streams of the host program",
                      "ask for captured streams, or leave standard_input empty");
    constexpr std::int64_t gigabyte = std::int64_t{1} << 30;
    return check_range("memory_limit", command.memory_limit, std::int64_t{0}, gigabyte).and_then([&] {
        return check_range("output_limit", command.output_limit, std::int64_t{0}, 1024 * gigabyte);
    });
}

} // namespace gestvenv
