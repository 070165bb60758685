// SPDX-License-Identifier: MIT
#include "actors/local_builds.hpp"

#include "system/python/backends/build_overlays.hpp"
#include "system/python/backends/local_folders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <system_error>

namespace gestvenv {

namespace {

namespace fs = std::filesystem;

// The tool would make it below the overlay, and what it keeps there would be lost.
void make_cache(const python::variable_map& variables, std::string_view name,
                const fs::path& working_folder) {
    auto found = variables.find(std::string{name});
    std::error_code problem; // the tool will say it
    if (found != variables.end() && !found->second.empty())
        fs::create_directories(working_folder / found->second, problem);
}

} // namespace

local_builds prepare_local_builds(const services& shared, const package_job& job,
                                  const python::package_backend& tool, python::backend_request& request,
                                  std::uint64_t command) {
    const auto& working_folder = request.working_folder;
    if (job.action != package_action::install)
        return {};
    auto named = request.summary.folders;
    if (tool.resolves_projects())
        std::ranges::move(python::folders_installed_from(job.host_path + "/venv"), std::back_inserter(named));
    auto folders = python::find_local_folders(request, named, request.summary.editables);
    if (folders.built.empty() && folders.editable.empty())
        return {};
    request.local_names = folders.names;
    auto& variables = request.variables;
    python::overlay_bounds bounds;
    if (auto home = variables.find("HOME"); home != variables.end())
        bounds.home = home->second;
    bounds.shown_through = python::folders_of_tools(variables, working_folder);
    bounds.shown_through.insert(bounds.shown_through.end(),
                                {shared.tools.folder, job.storage_path, job.host_path});
    bounds.place = fmt::format("{}/overlays/{}", job.storage_path, command);
    auto plan = python::plan_overlays(folders, bounds);
    if (!plan.wish.empty() && !tool.resolves_projects())
        make_cache(variables, tool.cache_variable(), working_folder);
    // Some leave files there, which are of no use afterwards.
    if (!plan.wish.empty())
        variables["TMPDIR"] = plan.wish.place + "/tmp";
    return {std::move(plan.wish), std::move(plan.notes)};
}

std::vector<std::string> for_user(std::vector<std::string> notes, const package_job& job,
                                  const python::package_backend& tool) {
    const bool copied = job.request.project && tool.resolves_projects();
    for (auto& note : notes)
        if (note.find(" has no overlay: ") != std::string::npos)
            note += copied ? "; it is built in a copy, without what is around it"
                           : "; what its build writes is written there";
    return notes;
}

} // namespace gestvenv
