// SPDX-License-Identifier: MIT
#include "system/python/backends/project.hpp"

#include "messages/nearest_name.hpp"
#include "system/python/requirement.hpp"
#include "system/python/secrets.hpp"
#include "system/python/syntax_cursor.hpp"
#include "system/python/uv_workspace.hpp"
#include "system/random_identifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

outcome<void> check_names(std::string_view what, const std::vector<std::string>& names) {
    for (const auto& name : names) {
        auto parsed = parse_requirement(name);
        if (!parsed || parsed->name != name)
            return failure(error_code::invalid_argument,
                           fmt::format("{} is no name of {}", redacted(name), what),
                           "letters, digits, and '.', '_', '-' between them");
    }
    return {};
}

outcome<void> check_known(std::string_view what, const std::vector<std::string>& wanted,
                          const std::vector<std::string>& known) {
    for (const auto& name : wanted) {
        auto is_it = [&name](const auto& one) { return normalized_name(one) == normalized_name(name); };
        if (std::any_of(known.begin(), known.end(), is_it))
            continue;
        auto near = nearest_name(name, known);
        std::string hint = "it has none";
        if (near)
            hint = fmt::format("did you mean {}?", *near);
        else if (!known.empty())
            hint = fmt::format("it has {}", fmt::join(known, ", "));
        return failure(error_code::invalid_argument,
                       fmt::format("the project has no {} {}", what, redacted(name)), std::move(hint));
    }
    return {};
}

std::string url_of(const fs::path& folder) {
    constexpr std::string_view plain = "/-._~";
    std::string url = "file://";
    for (char c : folder.native())
        if (is_ascii_alphanumeric(c) || plain.find(c) != std::string_view::npos)
            url += c;
        else
            url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return url;
}

std::string hint_for_no_project(const fs::path& folder) {
    std::error_code ignored; // what cannot be looked at is none
    for (auto above = folder; above.has_relative_path();) {
        above = above.parent_path();
        if (above.has_relative_path() && fs::is_regular_file(above / "pyproject.toml", ignored))
            return fmt::format("name the folder that holds it; there is one in {}", redacted(above.string()));
    }
    return "name the folder that holds it";
}

} // namespace

outcome<void> check_described(std::string_view tool, const project_source& project,
                              const project_file& file) {
    const bool is_poetrys = !file.is_described && (!file.name.empty() || file.poetry_package);
    std::error_code ignored; // what cannot be looked at, a build could not read either
    if (!is_poetrys || file.has_build_system || fs::exists(fs::path{project.folder} / "setup.py", ignored))
        return {};
    return failure(error_code::invalid_argument,
                   fmt::format("the project is described by poetry's own tables, without [build-system]: {} "
                               "would install nothing of it",
                               tool),
                   "--backend poetry (backend), or a [build-system] with poetry-core");
}

outcome<void> check_no_bare_root(const project_source& project, const project_file& file) {
    std::error_code ignored; // what cannot be looked at, a build could not read either
    const fs::path folder{project.folder};
    if (!file.workspace || file.is_described || file.has_build_system ||
        fs::exists(folder / "setup.py", ignored) || fs::exists(folder / "setup.cfg", ignored))
        return {};
    return failure(
        error_code::invalid_argument,
        fmt::format("{} is the root of a workspace, without a project of its own and without a lock",
                    redacted(project.folder)),
        "run `uv lock` there, or name the folder of a member");
}

bool names_extras(const project_file& project) noexcept {
    return project.is_described ? !project.leaves_to_backend("optional-dependencies") : !project.name.empty();
}

outcome<void> check_extras_provided(const project_source& wanted, const std::vector<std::string>& provided) {
    return check_known("extra", wanted.extras, provided);
}

outcome<void> check_extras_and_groups(const project_source& wanted, const project_file& project,
                                      std::string_view tool_table) {
    std::vector<std::string> extras;
    for (const auto& [name, items] : project.extras)
        extras.push_back(name);
    if (names_extras(project))
        if (auto good = check_known("extra", wanted.extras, extras); !good)
            return good;
    std::vector<std::string> groups;
    for (auto table : {std::string_view{"dependency-groups"}, tool_table})
        if (auto known = project.groups.find(std::string{table}); known != project.groups.end())
            groups.insert(groups.end(), known->second.begin(), known->second.end());
    return check_known("group", wanted.groups, groups);
}

outcome<void> check_project(const project_source& project) {
    const fs::path folder{project.folder};
    if (!folder.is_absolute()) // also: never one that begins with `-`
        return failure(error_code::invalid_argument,
                       fmt::format("the path of a project must be absolute: {}", redacted(project.folder)));
    std::error_code problem;
    if (!fs::is_regular_file(folder / "pyproject.toml", problem) &&
        !fs::is_regular_file(folder / "setup.py", problem))
        return failure(
            error_code::invalid_argument,
            fmt::format("{} is no project: there is no pyproject.toml and no setup.py that could be read "
                        "in it",
                        redacted(project.folder)),
            hint_for_no_project(folder));
    return check_names("an extra", project.extras).and_then([&] {
        return check_names("a group", project.groups);
    });
}

fs::path find_lock(const project_source& project, std::string_view file_name) {
    std::error_code problem; // one that cannot be looked at cannot be honoured either
    if (file_name.empty())
        return {};
    auto lock = fs::path{project.folder} / file_name;
    // A member's own is a leftover: uv does not read it.
    if (file_name == "uv.lock")
        if (auto root = uv_workspace_root(project.folder); !root.empty())
            lock = root / file_name;
    return fs::is_regular_file(lock, problem) ? lock : fs::path{};
}

bool has_lock(const project_source& project, std::string_view file_name) {
    return !find_lock(project, file_name).empty();
}

std::string with_extras(const fs::path& folder, const std::vector<std::string>& extras,
                        const outcome<project_file>& file) {
    const auto wanted = extras.empty() ? std::string{} : fmt::format("[{}]", fmt::join(extras, ","));
    // A fragment, extras, a variable, a marker, an encoded byte.
    if (folder.native().find_first_of("#[]$;%") == std::string::npos)
        return folder.string() + wanted;
    if (!has_known_name(file))
        return url_of(folder) + wanted;
    return fmt::format("{}{} @ {}", file->name, wanted, url_of(folder));
}

bool has_known_name(const outcome<project_file>& file) {
    return file && parse_requirement(file->name);
}

fs::path free_copy_path(const project_source& project, const variable_map& variables) {
    auto temporary = variables.find("TMPDIR");
    auto base = temporary == variables.end() ? fs::path{"/tmp"} : fs::path{temporary->second};
    const fs::path folder{project.folder};
    auto name = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
    return base / ("project-" + random_identifier()) / (name.empty() ? fs::path{"project"} : name);
}

} // namespace gestvenv::python
