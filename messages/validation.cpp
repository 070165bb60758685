// SPDX-License-Identifier: MIT
#include "messages/validation.hpp"

#include "messages/field_checks.hpp"
#include "messages/text_encoding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

namespace gestvenv {

using namespace field_checks;

namespace {

using std::chrono::seconds;

// The end of a runtime has to fit it into its own deadline.
constexpr std::chrono::milliseconds longest_grace{10'000};
constexpr std::string_view name_rule =
    "a name has 1 to 64 of the characters A-Z a-z 0-9 . _ - and does not start with . or -";

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
        if (packages[index].empty())
            return refuse(fmt::format("package {} of the list is empty", index + 1));
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

outcome<void> check_context(const std::optional<install_context>& context) {
    if (!context)
        return {};
    if (!context->folder.empty())
        if (auto good = check_path("the folder of install_context", context->folder); !good)
            return good;
    return validate_variables(context->variables);
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
    for (const auto& file : spec.requirements_files)
        if (auto good = check_path("a requirements file's name", file); !good)
            return good;
    return validate(spec.resource_limits)
        .and_then([&] { return check_tags(spec.tags); })
        .and_then([&] { return validate_variables(spec.build_variables); })
        .and_then([&] { return check_context(spec.install_context); })
        .and_then([&] { return check_packages(spec.packages); });
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
