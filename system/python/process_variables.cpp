// SPDX-License-Identifier: MIT
#include "system/python/process_variables.hpp"

#include <algorithm>
#include <array>

namespace gestvenv::python {

namespace {

// What a command may know of its user and terminal.
constexpr std::array<std::string_view, 5> user_names{"USER", "LOGNAME", "LANG", "TZ", "TERM"};

bool is_of_user(std::string_view name) noexcept {
    return std::find(user_names.begin(), user_names.end(), name) != user_names.end() ||
           name.starts_with("LC_");
}

} // namespace

variable_map base_variables(const variable_map& callers, const variable_paths& paths) {
    variable_map result;
    if (!paths.home.empty())
        result["HOME"] = paths.home.string();
    else if (auto home = callers.find("HOME"); home != callers.end())
        result["HOME"] = home->second;
    if (!paths.temporary_folder.empty())
        result["TMPDIR"] = paths.temporary_folder.string();
    return result;
}

variable_map command_variables(const variable_map& callers, const variable_paths& paths) {
    auto result = base_variables(callers, paths);
    for (const auto& [name, value] : callers) {
        if (is_of_user(name))
            result.emplace(name, value);
    }
    result.emplace("LANG", "C.UTF-8"); // without any, Python before 3.7 takes file names for ASCII
    result["PATH"] = path_in_environment(paths, system_path);
    result["VIRTUAL_ENV"] = paths.venv_path.string();
    if (!paths.prompt.empty())
        result["VIRTUAL_ENV_PROMPT"] = paths.prompt;
    return result;
}

std::string path_in_environment(const variable_paths& paths, std::string_view path) {
    const auto bin = (paths.venv_path / "bin").string();
    // Given by who has it from a command of this environment, perhaps: once is enough.
    if (path.starts_with(bin) && (path.size() == bin.size() || path[bin.size()] == ':'))
        path.remove_prefix(std::min(bin.size() + 1, path.size()));
    auto result = bin;
    if (!paths.notices.empty())
        result += ":" + paths.notices.string();
    return path.empty() ? result : result + ":" + std::string{path};
}

} // namespace gestvenv::python
