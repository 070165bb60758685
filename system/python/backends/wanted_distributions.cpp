// SPDX-License-Identifier: MIT
#include "system/python/backends/wanted_distributions.hpp"

#include "system/posix/regular_file.hpp"
#include "system/python/backends/installer_output.hpp"
#include "system/python/backends/project.hpp"
#include "system/python/installed_distributions.hpp"
#include "system/python/project_file.hpp"
#include "system/python/requirement.hpp"
#include "system/python/requirements_text.hpp"
#include "system/python/secrets.hpp"
#include "system/python/uv_workspace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <sstream>
#include <utility>

namespace gestvenv::python {

namespace {

// A line that names a place, or says that nothing was done, is the one that explains.
std::string explanation_in(const tool_result& result) {
    constexpr std::array<std::string_view, 6> telling{
        "already satisfied", "Would install", "environment at:", "Target directory", " to /", " in /"};
    for (const auto* text : {&result.standard_output, &result.standard_error})
        for (const auto& line : lines_of(*text))
            if (std::any_of(telling.begin(), telling.end(),
                            [&line](auto words) { return line.find(words) != std::string::npos; }))
                return redacted(without_marks(line));
    return {};
}

// What an application depends on in any case.
std::vector<std::string> needed_by_application(const project_source& source, const project_file& project) {
    auto replaced = project.replaced;
    if (const auto root = uv_workspace_root(source.folder); !root.empty())
        if (auto around = read_project_file(root))
            replaced.merge(around->replaced);
    replaced.insert(normalized_name(project.name)); // nothing of it is installed but this
    std::vector<std::string> names;
    for (const auto& text : dependencies_of(project, source.extras)) {
        auto item = parse_requirement(text); // what is none, the installer has refused
        if (item && item->marker.empty() && !replaced.contains(normalized_name(item->name)))
            names.push_back(std::move(item->name));
    }
    return names;
}

// What uv leaves out by files that its variables name: where a marker stands behind an override, or at all. Of other tools
// these variables are none.
std::set<std::string> left_out_by_variables(const backend_request& request) {
    constexpr std::size_t largest_file = 16 << 20;
    std::set<std::string> names;
    for (const auto& [variable, needs_marker] :
         {std::pair{"UV_OVERRIDE", true}, std::pair{"UV_EXCLUDE", false}}) {
        const auto value = request.variables.find(variable);
        std::istringstream files{value == request.variables.end() ? std::string{} : value->second};
        for (std::string file; files >> file;) {
            auto text = read_regular_file(request.working_folder / file, largest_file);
            for (const auto& line :
                 requirement_lines(text ? *text : std::string{})) // uv says what it cannot read
                if (auto item = parse_requirement(line); item && (!needs_marker || !item->marker.empty()))
                    names.insert(normalized_name(item->name));
        }
    }
    return names;
}

} // namespace

std::vector<std::string> wanted_distributions(const package_backend& tool, const backend_request& request) {
    std::vector<std::string> names;
    for (const auto& item : request.packages)
        if (item.marker.empty())
            names.push_back(item.name);
    names.insert(names.end(), request.summary.names.begin(), request.summary.names.end());
    if (request.project) {
        auto project = read_project_file(request.project->folder);
        if (project && project->has_build_system && !project->name.empty() && !tool.leaves_out(*project))
            names.push_back(project->name);
        if (project && is_application(*project, request.project->folder))
            std::ranges::move(needed_by_application(*request.project, *project), std::back_inserter(names));
    }
    if (tool.kind() == backend::uv)
        std::erase_if(names, [left_out = left_out_by_variables(request)](const auto& name) {
            return left_out.contains(normalized_name(name));
        });
    return names;
}

outcome<void> check_extras_of_installed(const project_source& project, const std::filesystem::path& venv) {
    if (project.extras.empty())
        return {};
    if (auto file = read_project_file(project.folder); file && names_extras(*file))
        return {}; // it has been asked before
    auto provided = extras_installed_from(project.folder, venv);
    return provided ? check_extras_provided(project, *provided) : outcome<void>{};
}

error not_installed(const package_backend& tool, const std::vector<std::string>& missing,
                    const tool_result& result) {
    auto message = fmt::format("{} ended without an error, and {} {} not in the environment", tool.name(),
                               fmt::join(missing, ", "), missing.size() == 1 ? "is" : "are");
    if (auto where = explanation_in(result); !where.empty())
        message += fmt::format("; it said: {}", where);
    return {error_code::install_failed,
            std::move(message),
            {},
            fmt::format("a setting of {} may lead elsewhere: look at its configuration files and variables",
                        tool.name())};
}

} // namespace gestvenv::python
