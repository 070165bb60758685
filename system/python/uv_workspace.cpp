// SPDX-License-Identifier: MIT
#include "system/python/uv_workspace.hpp"

#include "system/python/project_file.hpp"

#include <algorithm>
#include <glob.h>
#include <string>
#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

// What the pattern finds below `root`, in the form that `folder` of a member has. The path of the root is no
// pattern.
std::vector<fs::path> folders_of(const fs::path& root, const std::string& pattern) {
    std::string escaped;
    for (char c : root.string()) {
        if (std::string_view{"*?[\\"}.find(c) != std::string_view::npos)
            escaped += '\\';
        escaped += c;
    }
    std::vector<fs::path> folders;
    glob_t found{};
    if (::glob((escaped + "/" + pattern).c_str(), GLOB_ONLYDIR | GLOB_NOSORT, nullptr, &found) == 0)
        for (std::size_t i = 0; i < found.gl_pathc; ++i) {
            std::error_code problem; // what cannot be looked at is no member that could be installed
            auto folder = fs::canonical(found.gl_pathv[i], problem);
            if (!problem && fs::is_directory(folder, problem))
                folders.push_back(std::move(folder));
        }
    ::globfree(&found);
    return folders;
}

bool has(const std::vector<fs::path>& folders, const fs::path& folder) {
    return std::find(folders.begin(), folders.end(), folder) != folders.end();
}

} // namespace

std::vector<fs::path> uv_workspace_members(const fs::path& root) {
    auto project = read_project_file(root);
    if (!project || !project->workspace)
        return {};
    std::vector<fs::path> excluded;
    for (const auto& pattern : project->workspace->exclude)
        for (auto& folder : folders_of(root, pattern))
            excluded.push_back(std::move(folder));
    std::vector<fs::path> members;
    for (const auto& pattern : project->workspace->members)
        for (auto& folder : folders_of(root, pattern))
            if (folder != root && !has(excluded, folder) && !has(members, folder))
                members.push_back(std::move(folder));
    return members;
}

fs::path uv_workspace_root(const fs::path& folder) {
    std::error_code problem; // a folder that cannot be looked at has no project either
    auto member = fs::canonical(folder, problem);
    if (problem)
        return {};
    for (auto around = member; around != around.root_path();) {
        around = around.parent_path();
        auto project = read_project_file(around);
        // The nearest one decides, as uv has it: who is none of its members is in no workspace.
        if (project && project->workspace)
            return has(uv_workspace_members(around), member) ? around : fs::path{};
    }
    return {};
}

} // namespace gestvenv::python
