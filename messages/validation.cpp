// SPDX-License-Identifier: MIT
#include "messages/validation.hpp"

#include "messages/command_line_text.hpp"
#include "messages/text_encoding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <vector>

namespace gestvenv {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The end of a runtime has to fit it into its own deadline.
constexpr std::chrono::milliseconds longest_grace{10'000};
constexpr std::string_view name_rule =
    "a name has 1 to 64 of the characters A-Z a-z 0-9 . _ - and does not start with . or -";

tl::unexpected<error> refuse(std::string message, std::string hint = {}) {
    return failure(error_code::invalid_argument, std::move(message), std::move(hint));
}

bool has_control_character(std::string_view text) noexcept {
    return std::any_of(text.begin(), text.end(), [](char c) {
        auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

bool has_nul(std::string_view text) noexcept {
    return text.find('\0') != std::string_view::npos;
}

template <class Number>
outcome<void> check_range(std::string_view field, Number value, Number low, Number high) {
    if (value >= low && value <= high) // false for a double that is no number
        return {};
    return refuse(fmt::format("{} must be from {} to {}, and is {}", field, low, high, value));
}

outcome<void> check_size(std::string_view field, megabytes value) {
    return check_range(field, value.count, std::int64_t{1}, bounds::largest_size.count);
}

outcome<void> check_count(std::string_view field, count_limit value, int most) {
    if (value == unlimited_count || (value.count >= 1 && value.count <= most))
        return {};
    return refuse(fmt::format("{} must be from 1 to {}, or unlimited, and is {}", field, most, value.count));
}

outcome<void> check_processes(std::string_view field, count_limit value) {
    return check_count(field, value, 100'000);
}

outcome<void> check_threads(std::string_view field, count_limit value) {
    return check_count(field, value, 1'000'000);
}

outcome<void> check_lifetime(std::string_view field, seconds value) {
    if (value == unlimited || (value >= seconds{1} && value <= longest_duration))
        return {};
    return refuse(fmt::format("{} must be from 1 to {} seconds, or unlimited, and is {}", field,
                              longest_duration.count(), value.count()));
}

outcome<void> check_timeout(milliseconds value, std::string_view field = "timeout") {
    if (value > milliseconds{0} && value <= longest_duration)
        return {};
    return refuse(fmt::format("{} must be more than 0 and at most {} seconds, and is {} milliseconds", field,
                              longest_duration.count(), value.count()));
}

outcome<void> check_path(std::string_view field, std::string_view path) {
    if (path.empty())
        return refuse(fmt::format("{} is empty", field));
    if (path.size() >= bounds::path_length)
        return refuse(fmt::format("{} has {} bytes, and a path has at most {}", field, path.size(),
                                  bounds::path_length - 1));
    if (has_nul(path))
        return refuse(fmt::format("{} holds a NUL byte", field));
    return {};
}

outcome<void> check_python_version(std::string_view version, std::string_view field = "python_version") {
    constexpr std::string_view begins_version_or_range = "0123456789<>=!~";
    bool version_like =
        !version.empty() && begins_version_or_range.find(version.front()) != std::string_view::npos;
    bool path_like = version.find('/') != std::string_view::npos && version.front() != '-';
    if ((version_like || path_like) && version.size() < bounds::path_length &&
        !has_control_character(version))
        return {};
    return refuse(fmt::format("{} is neither a version nor a path", field),
                  "accepted are 3.12, 3.12.1, a range such as >=3.10, or the path of an interpreter");
}

outcome<void> check_tags(const std::map<std::string, std::string>& tags) {
    if (tags.size() > bounds::tags)
        return refuse(
            fmt::format("there are {} tags, and at most {} are accepted", tags.size(), bounds::tags));
    for (const auto& [name, value] : tags) {
        if (name.empty() || name.size() > bounds::tag_name_length || has_control_character(name) ||
            !is_utf8(name))
            return refuse(
                fmt::format("the name of a tag must be 1 to {} bytes of UTF-8 without control characters",
                            bounds::tag_name_length));
        if (value.size() > bounds::tag_value_length || has_control_character(value) || !is_utf8(value))
            return refuse(fmt::format(
                "the value of tag {} must be at most {} bytes of UTF-8 without control characters", name,
                bounds::tag_value_length));
    }
    return {};
}

outcome<void> check_packages(const std::vector<std::string>& packages) {
    if (packages.size() > bounds::packages)
        return refuse(fmt::format("there are {} packages, and at most {} are accepted at once",
                                  packages.size(), bounds::packages),
                      "put them into a requirements file");
    std::size_t total = 0;
    for (std::size_t index = 0; index < packages.size(); ++index) {
        if (packages[index].size() > bounds::package_length)
            return refuse(fmt::format("package {} of the list has {} bytes, and at most {} are accepted",
                                      index + 1, packages[index].size(), bounds::package_length));
        total += packages[index].size() + 1;
    }
    if (total > bounds::packages_size)
        return refuse(fmt::format("the packages need {} bytes together, and at most {} are accepted at once",
                                  total, bounds::packages_size),
                      "put them into a requirements file");
    return {};
}

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

} // namespace

outcome<void> validate_environment_name(std::string_view name) {
    auto accepted = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    };
    if (name.empty())
        return refuse("the name is empty", std::string{name_rule});
    if (name.size() > bounds::name_length)
        return refuse(fmt::format("the name has {} characters", name.size()), std::string{name_rule});
    if (!std::all_of(name.begin(), name.end(), accepted))
        return refuse("the name has a character that is not accepted", std::string{name_rule});
    if (name.front() == '.' || name.front() == '-')
        return refuse(fmt::format("the name starts with {}", name.front()), std::string{name_rule});
    return {};
}

outcome<void> validate_variables(const std::map<std::string, std::string>& variables) {
    return variables_cost(variables).and_then([](std::size_t total) -> outcome<void> {
        if (total > bounds::command_size)
            return refuse(fmt::format("the variables need {} bytes, and at most {} are accepted", total,
                                      bounds::command_size));
        return {};
    });
}

namespace {

outcome<void> check_context(const std::optional<install_context>& context) {
    if (!context)
        return {};
    if (!context->folder.empty())
        if (auto good = check_path("the folder of install_context", context->folder); !good)
            return good;
    return validate_variables(context->variables);
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
    constexpr std::array known{"core",    "cpu",      "data",   "fsize",      "locks",
                               "memlock", "msgqueue", "nice",   "nofile",     "nproc",
                               "rss",     "rtprio",   "rttime", "sigpending", "stack"};
    for (const auto& [name, limit] : settings->limits) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            return refuse("process_settings.limits names a limit that prlimit(1) does not have");
        if (limit.soft > limit.hard)
            return refuse(fmt::format("the soft limit of {} is above the hard one", name));
    }
    return {};
}

} // namespace

outcome<void> validate(const resource_limits& limits) {
    if (limits.max_memory)
        if (auto good = check_size("max_memory", *limits.max_memory); !good)
            return good;
    if (limits.max_disk)
        if (auto good = check_size("max_disk", *limits.max_disk); !good)
            return good;
    if (limits.max_cpu_percent) {
        auto percent = *limits.max_cpu_percent;
        if (!(percent >= bounds::smallest_cpu_percent && percent <= bounds::largest_cpu_percent))
            return refuse(fmt::format("max_cpu_percent must be {} to {}, and is {}",
                                      bounds::smallest_cpu_percent, bounds::largest_cpu_percent, percent),
                          "100 is one core");
    }
    if (auto good = check_processes("max_processes", limits.max_processes); !good)
        return good;
    if (auto good = check_threads("max_threads", limits.max_threads); !good)
        return good;
    const resource_limits presets;
    if (limits.max_processes != unlimited_count && limits.max_processes != presets.max_processes &&
        bound_of_threads(limits) < limits.max_processes)
        return refuse(
            fmt::format("max_threads {} is less than max_processes {}, and every process is a thread too",
                        limits.max_threads.count, limits.max_processes.count),
            "allow as many threads as processes at least, or leave max_threads out");
    return {};
}

outcome<void> validate(const environment_spec& spec) {
    if (!spec.name.empty())
        if (auto good = validate_environment_name(spec.name); !good)
            return good;
    if (spec.python_version)
        if (auto good = check_python_version(*spec.python_version); !good)
            return good;
    if (spec.wait_for_room)
        if (auto good = check_timeout(*spec.wait_for_room, "wait_for_room"); !good)
            return good;
    if (spec.ttl)
        if (auto good = check_lifetime("ttl", *spec.ttl); !good)
            return good;
    if (spec.max_idle_time)
        if (auto good = check_lifetime("max_idle_time", *spec.max_idle_time); !good)
            return good;
    if (spec.project)
        if (auto good = check_path("project", spec.project->folder); !good)
            return good;
    if (spec.requirements_file)
        if (auto good = check_path("requirements_file", *spec.requirements_file); !good)
            return good;
    return validate(spec.resource_limits)
        .and_then([&] { return check_tags(spec.tags); })
        .and_then([&] { return validate_variables(spec.build_variables); })
        .and_then([&] { return check_context(spec.install_context); })
        .and_then([&] { return check_packages(spec.packages); });
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

outcome<void> validate(const install_request& request) {
    for (const auto& file : request.requirements_files)
        if (auto good = check_path("a requirements file's name", file); !good)
            return good;
    if (request.project) {
        if (auto good = check_path("a project's folder", request.project->folder); !good)
            return good;
        if (!request.packages.empty() || !request.requirements_files.empty())
            return refuse("a project is installed by itself, without packages beside it",
                          "install the packages in a second step");
    }
    return check_timeout(request.timeout)
        .and_then([&] { return check_context(request.install_context); })
        .and_then([&] { return check_packages(request.packages); });
}

outcome<void> validate(const uninstall_request& request) {
    if (request.packages.empty())
        return refuse("there is nothing to uninstall", "name packages");
    return check_timeout(request.timeout)
        .and_then([&] { return check_context(request.install_context); })
        .and_then([&] { return check_packages(request.packages); });
}

outcome<void> validate(const runtime_config& config) {
    if (config.enable_preallocation)
        return refuse("enable_preallocation is on, and there is no pool yet", "leave it off");
    if (config.enable_template_cache)
        return refuse("enable_template_cache is on, and there is no template cache yet", "leave it off");
    for (auto [field, value] : {std::pair{"cleanup_interval", config.cleanup_interval},
                                std::pair{"force_cleanup_after", config.force_cleanup_after},
                                std::pair{"monitoring_interval", config.monitoring_interval}})
        if (auto good = check_lifetime(field, value); !good)
            return good;
    if (config.stop_grace.count() < 0 || config.stop_grace > longest_grace)
        return refuse(fmt::format("stop_grace is {} s, and 0 to {} are accepted",
                                  std::chrono::duration<double>{config.stop_grace}.count(),
                                  std::chrono::duration<double>{longest_grace}.count()));
    if (!config.base_storage_path.empty()) {
        if (auto good = check_path("base_storage_path", config.base_storage_path.native()); !good)
            return good;
        if (config.base_storage_path.is_relative())
            return refuse("base_storage_path must be absolute");
    }
    if (config.default_python_version)
        if (auto good = check_python_version(*config.default_python_version, "default_python_version"); !good)
            return good;
    if (config.default_max_processes)
        if (auto good = check_processes("default_max_processes", *config.default_max_processes); !good)
            return good;
    if (config.default_max_threads)
        if (auto good = check_threads("default_max_threads", *config.default_max_threads); !good)
            return good;
    return check_lifetime("default_ttl", config.default_ttl)
        .and_then([&] { return check_range("max_concurrent", config.max_concurrent, 1, 100'000); })
        .and_then([&] { return check_range("pool_size", config.pool_size, 0, 100'000); })
        .and_then([&] { return check_size("max_total_memory_mb", config.max_total_memory_mb); })
        .and_then([&] { return check_size("max_total_disk_mb", config.max_total_disk_mb); });
}

} // namespace gestvenv
