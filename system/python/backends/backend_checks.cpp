// SPDX-License-Identifier: MIT
#include "system/python/backends/backend_checks.hpp"

#include "messages/json.hpp"
#include "system/python/backends/installer_output.hpp"
#include "system/python/project_file.hpp"
#include "system/python/secrets.hpp"
#include "system/python/wheels_only.hpp"

#include <fmt/format.h>

namespace gestvenv::python {

namespace {

outcome<void> check_project_request(const package_backend& tool, const backend_request& request) {
    if (!request.packages.empty() || !request.requirements_files.empty())
        return failure(error_code::invalid_argument,
                       "a project is installed by itself, without packages beside it",
                       "install the packages in a second step");
    if (request.only_wheels)
        return failure(error_code::invalid_argument,
                       "a project is built from its sources, and only wheels are wanted");
    if (auto good = check_project(*request.project); !good)
        return good;
    // What cannot be read here, the tool itself names.
    if (auto file = read_project_file(request.project->folder))
        if (auto good = check_extras_and_groups(*request.project, *file, fmt::format("tool.{}", tool.name()));
            !good)
            return good;
    if (request.upgrade && has_lock(*request.project, tool.lock_file()))
        return failure(
            error_code::invalid_argument,
            fmt::format("the project's {} says which versions are installed: it cannot be upgraded",
                        tool.lock_file()),
            "bring the lock up to date with its own tool, or leave the upgrade out");
    return {};
}

} // namespace

outcome<void> check_names_alone(const backend_request& request) {
    if (request.packages.empty())
        return failure(error_code::invalid_argument, "there is nothing to uninstall", "name packages");
    for (const auto& item : request.packages)
        if (item.name != item.text)
            return failure(error_code::invalid_argument,
                           fmt::format("{} says more than a package's name", redacted(item.text)),
                           fmt::format("to uninstall it, name it: {}", item.name));
    return {};
}

outcome<void> check_request(const package_backend& tool, const backend_request& request) {
    if (!request.venv_path.is_absolute())
        return failure(error_code::invalid_argument, "the path of an environment must be absolute");
    if (request.project)
        return check_project_request(tool, request);
    if (request.packages.empty() && request.requirements_files.empty())
        return failure(error_code::invalid_argument, "there is nothing to install",
                       "name packages, a requirements file, or both");
    for (const auto& file : request.requirements_files) {
        if (!file.path.is_absolute()) // also: never one that begins with `-`
            return failure(error_code::invalid_argument,
                           fmt::format("the path of a requirements file must be absolute: {}",
                                       redacted(file.path.string())));
    }
    if (!request.only_wheels)
        return {};
    if (auto good = check_wheels_only(request.packages); !good)
        return good;
    for (const auto& file : request.requirements_files) {
        if (!file.text)
            return failure(
                error_code::invalid_argument,
                "a requirements file cannot be checked without its text, where only wheels are wanted");
        if (auto good = check_wheels_only(*file.text, file.path.filename().string()); !good)
            return good;
    }
    return {};
}

void forget_build_choices(variable_map& variables) {
    for (const char* name : {"PIP_NO_BINARY", "PIP_ONLY_BINARY", "PIP_PREFER_BINARY", "UV_NO_BINARY",
                             "UV_NO_BINARY_PACKAGE", "UV_NO_BUILD", "UV_NO_BUILD_PACKAGE"})
        variables.erase(name);
}

outcome<std::vector<installed_package>> parse_json_list(std::string_view backend_name,
                                                        const tool_result& result) {
    auto unreadable = [&](std::string_view why) {
        return failure(error_code::install_failed,
                       fmt::format("{} could not list what is installed: {}", backend_name, why));
    };
    if (result.exit_status != 0) {
        auto lines = lines_of(result.standard_error);
        return unreadable(lines.empty() ? fmt::format("it ended with status {}", result.exit_status)
                                        : redacted(lines.back()));
    }
    auto document = parse_json(result.standard_output);
    if (!document || !document->is_array())
        return unreadable("what it printed is no list");
    std::vector<installed_package> packages;
    for (const auto& item : *document) { // read by hand: pip adds keys for editable projects
        if (!item.is_object() || !item.contains("name") || !item["name"].is_string() ||
            !item.contains("version") || !item["version"].is_string())
            return unreadable("an entry of its list lacks a name or a version");
        packages.push_back({item["name"].get<std::string>(), item["version"].get<std::string>()});
    }
    return packages;
}

} // namespace gestvenv::python
