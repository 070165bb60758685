// SPDX-License-Identifier: MIT
#include "system/python/backends/scratch_project.hpp"

#include "messages/json.hpp"
#include "messages/listed_words.hpp"
#include "system/python/backends/backend_checks.hpp"
#include "system/python/backends/pip_configuration.hpp"
#include "system/python/backends/project_copy_script.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/backends/requirements_script.hpp"
#include "system/python/backends/scratch_project_script.hpp"
#include "system/python/project_file.hpp"
#include "system/python/requirement.hpp"
#include "system/python/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

/// The last line of our script's output.
struct changes_report {
    std::vector<installed_package> installed;
    std::vector<installed_package> removed;
};

template <class Inspector>
bool inspect(Inspector& f, changes_report& x) {
    return f.object(x).fields(f.field("installed", x.installed), f.field("removed", x.removed));
}

std::vector<std::string_view> names_of_those_offline() {
    std::vector<std::string_view> names;
    for (const auto* one : all_backends())
        if (one->offline() != offline_source::none)
            names.push_back(one->name());
    return names;
}

// What the tool needs of the standard library lies with the Python that it was installed for.
outcome<fs::path> python_beside(const fs::path& program) {
    std::error_code problem;
    auto real = fs::canonical(program, problem);
    auto python = real.parent_path() / "python";
    if (problem || !fs::exists(python, problem))
        return failure(error_code::backend_not_found,
                       fmt::format("{} has no Python beside it", program.string()),
                       "install it into a virtual environment of its own: tools/bootstrap does");
    return python;
}

} // namespace

outcome<tool_command> scratch_project_backend::start(const backend_request& request,
                                                     const tools_folder& tools,
                                                     std::string_view action) const {
    if (!request.interpreter)
        return failure(error_code::invalid_argument,
                       fmt::format("the interpreter of an environment must be known to {}", name()));
    auto program = find_tool(tools, name());
    if (!program)
        return failure(program.error());
    auto python = python_beside(*program);
    if (!python)
        return failure(python.error());
    const auto& version = request.interpreter->version;
    nlohmann::json wish{{"action", action},
                        {"tool", name()},
                        {"program", program->string()},
                        {"venv", request.venv_path.string()},
                        {"python", fmt::format("{}.{}", version.major, version.minor)},
                        {"python_full", request.interpreter->version_text},
                        {"caller", request.working_folder.string()},
                        {"application", false},
                        {"packages", texts_of(request.packages)},
                        {"requirements", nlohmann::json::array()},
                        {"upgrade", request.upgrade},
                        {"offline", request.offline},
                        {"only_wheels", request.only_wheels}};
    for (const auto& file : request.requirements_files)
        wish["requirements"].push_back(file.path.string());
    if (request.project) {
        const auto& project = *request.project;
        wish["project"] = project.folder;
        wish["copy"] = free_copy_path(project, request.variables).string();
        wish["extras"] = project.extras;
        wish["groups"] = project.groups;
        wish["locked"] = has_lock(project, lock_file());
        auto file = read_project_file(project.folder);
        wish["application"] = file && is_application(*file, project.folder);
    }
    tool_command command;
    command.variables = request.variables;
    auto pip = read_pip_settings(request.variables, pip_configuration_files(request.variables));
    if (!pip.index_url.empty())
        command.variables["GESTVENV_INDEX_URL"] = pip.index_url;
    std::string extra;
    for (const auto& url : pip.extra_index_urls)
        extra += url + ' ';
    if (!extra.empty())
        command.variables["GESTVENV_EXTRA_INDEX_URLS"] = extra;
    if (!pip.find_links.empty())
        command.variables["GESTVENV_FIND_LINKS"] = fmt::format("{}", fmt::join(pip.find_links, " "));
    command.arguments = {python->string(), "-I", "-c",
                         std::string{project_copy_function} + requirements_script + scratch_project_script,
                         wish.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)};
    return command;
}

// Both tools read a description in pyproject.toml alone, and say that all went well where there is none.
outcome<void> scratch_project_backend::check_seen(const project_source& project) const {
    const auto file = read_project_file(project.folder);
    if (!file)
        return {};           // the tool says what is wrong with it
    std::error_code ignored; // what cannot be looked at, a build could not read either
    const fs::path folder{project.folder};
    auto refuse = [this](const char* what) {
        return failure(error_code::invalid_argument,
                       fmt::format("{}: {} would install nothing of that", what, name()),
                       "uv and pip do: --backend uv (backend)");
    };
    const bool is_named = file->is_described || !file->name.empty() || file->poetry_package;
    if (!is_named && (fs::exists(folder / "setup.py", ignored) ||
                      (file->has_build_system && fs::exists(folder / "setup.cfg", ignored))))
        return refuse("the project is described by its setup.py or setup.cfg, and not in pyproject.toml");
    if (!builds_to_resolve() && file->leaves_to_backend("dependencies") && !has_lock(project, lock_file()))
        return refuse("the project leaves its dependencies to its build backend (dynamic)");
    return {};
}

// What pip is told and the tool has no words for, is refused and not passed over. A lock has said already which
// versions are installed, and from where.
outcome<void> scratch_project_backend::check_pip_settings(const backend_request& request) const {
    auto refuse = [this](std::string_view what, std::string hint) {
        return failure(error_code::invalid_argument,
                       fmt::format("{} cannot install with what pip is told: {}", name(), what),
                       std::move(hint));
    };
    const auto pip = read_pip_settings(request.variables, pip_configuration_files(request.variables));
    if (pip.no_index)
        return refuse("no index (no-index)", "uv and pip can: --backend uv (backend); or PIP_NO_INDEX=0");
    if (request.project && has_lock(*request.project, lock_file()))
        return {};
    if (!pip.constraints.empty())
        return refuse(fmt::format("constraints (constraint) in {}", fmt::join(pip.constraints, ", ")),
                      "uv and pip can: --backend uv (backend); or take the setting out: PIP_CONSTRAINT, "
                      "pip.conf");
    auto has_packages = [&request](const std::string& link) {
        std::error_code problem; // what cannot be looked at has none, as pip has it
        const bool is_empty = fs::is_empty(request.working_folder / link, problem);
        return link.find("://") != std::string::npos || (!problem && !is_empty);
    };
    for (const auto& link : pip.find_links)
        if (!takes_find_links() && has_packages(link))
            return refuse(fmt::format("packages (find-links) in {}", redacted(link)),
                          "uv, pip and pdm can: --backend uv (backend); or take the setting out: "
                          "PIP_FIND_LINKS, pip.conf");
    return {};
}

outcome<tool_command> scratch_project_backend::install_command(const backend_request& request,
                                                               const tools_folder& tools) const {
    if (auto good = check_request(*this, request); !good)
        return failure(good.error());
    std::error_code ignored; // what cannot be looked at, the script names
    if (request.project && !fs::exists(fs::path{request.project->folder} / "pyproject.toml", ignored))
        return failure(
            error_code::invalid_argument,
            fmt::format("the project has a setup.py and no pyproject.toml, which {} needs", name()),
            "uv and pip install it: --backend uv (backend)");
    if (request.project)
        if (auto good = check_seen(*request.project); !good)
            return failure(good.error());
    // Neither tool has a switch for it, and what is in their caches is not all that resolving takes.
    if (request.offline)
        return failure(error_code::invalid_argument,
                       fmt::format("{} cannot install without a network", name()),
                       fmt::format("{} can", listed(names_of_those_offline(), "and")));
    if (auto good = check_pip_settings(request); !good)
        return failure(good.error());
    auto command = start(request, tools, "install");
    if (command && request.only_wheels)
        forget_build_choices(command->variables);
    return command;
}

outcome<tool_command> scratch_project_backend::uninstall_command(const backend_request& request,
                                                                 const tools_folder& tools) const {
    if (auto good = check_names_alone(request); !good)
        return failure(good.error());
    return start(request, tools, "uninstall");
}

backend_report scratch_project_backend::parse_changes(const tool_result& result) const {
    if (result.exit_status != 0)
        return failed(name(), result, summary_of(result));
    auto lines = lines_of(result.standard_output);
    auto document = lines.empty() ? outcome<nlohmann::json>{nlohmann::json{}} : parse_json(lines.back());
    if (!document)
        return failed(name(), result, {fmt::format("{} did not say what it installed", name()), {}});
    // The line is the last that was printed, which need not be our script's own: what a package prints comes
    // here too.
    auto said = from_json_value<changes_report>(*document);
    if (!said)
        return failed(name(), result, {fmt::format("{} did not say what it installed", name()), {}});
    backend_report report;
    report.installed = std::move(said->installed);
    report.removed = std::move(said->removed);
    return report;
}

outcome<tool_command> scratch_project_backend::list_command(const backend_request& request,
                                                            const tools_folder& tools) const {
    return start(request, tools, "list");
}

outcome<std::vector<installed_package>> scratch_project_backend::parse_list(const tool_result& result) const {
    return parse_json_list(name(), result);
}

} // namespace gestvenv::python
