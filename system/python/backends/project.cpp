#include "system/python/backends/project.hpp"

#include "system/python/backends/project_copy_script.hpp"
#include "system/python/requirement.hpp"
#include "system/python/secrets.hpp"
#include "system/random_identifier.hpp"

#include <fmt/format.h>

#include <system_error>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

outcome<void> check_names(std::string_view what, const std::vector<std::string>& names) {
    for (const auto& name : names) {
        auto parsed = parse_requirement(name);
        if (!parsed || parsed->name != name)
            return failure(error_code::invalid_argument,
                           fmt::format("{} is no name of {}", shown(name), what),
                           "letters, digits, and '.', '_', '-' between them");
    }
    return {};
}

} // namespace

outcome<void> check_project(const project_source& project) {
    const fs::path folder{project.folder};
    if (!folder.is_absolute()) // also: never one that begins with `-`
        return failure(error_code::invalid_argument,
                       fmt::format("the path of a project must be absolute: {}", shown(project.folder)));
    std::error_code problem;
    if (!fs::is_regular_file(folder / "pyproject.toml", problem))
        return failure(error_code::invalid_argument,
                       fmt::format("{} is no project: there is no pyproject.toml that could be read in it",
                                   shown(project.folder)),
                       "name the folder that holds it");
    return check_names("an extra", project.extras).and_then([&] {
        return check_names("a group", project.groups);
    });
}

bool has_lock(const project_source& project, std::string_view file_name) {
    std::error_code problem; // one that cannot be looked at cannot be honoured either
    return !file_name.empty() && fs::is_regular_file(fs::path{project.folder} / file_name, problem);
}

std::string with_extras(const fs::path& folder, const std::vector<std::string>& extras) {
    return extras.empty() ? folder.string() : fmt::format("{}[{}]", folder.string(), fmt::join(extras, ","));
}

fs::path free_copy_path(const project_source& project, const variable_map& variables) {
    auto temporary = variables.find("TMPDIR");
    auto base = temporary == variables.end() ? fs::path{"/tmp"} : fs::path{temporary->second};
    const fs::path folder{project.folder};
    auto name = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
    return base / ("project-" + random_identifier()) / (name.empty() ? fs::path{"project"} : name);
}

tool_command in_project_copy(tool_command command, const fs::path& python, const project_source& project,
                             const fs::path& copy) {
    std::vector<std::string> words{
        python.string(), "-I",         "-c", std::string{project_copy_function} + run_in_project_copy,
        project.folder,  copy.string()};
    words.insert(words.end(), std::make_move_iterator(command.arguments.begin()),
                 std::make_move_iterator(command.arguments.end()));
    command.arguments = std::move(words);
    return command;
}

} // namespace gestvenv::python
