// SPDX-License-Identifier: MIT
#include "system/python/backends/pip.hpp"

#include "system/python/backends/backend_checks.hpp"
#include "system/python/backends/installer_output.hpp"
#include "system/python/backends/package_arguments.hpp"
#include "system/python/backends/pip_configuration.hpp"
#include "system/python/backends/pip_program.hpp"
#include "system/python/backends/project.hpp"
#include "system/python/project_file.hpp"
#include "system/python/requirement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <sstream>

namespace gestvenv::python {

namespace {

constexpr std::string_view error_label = "ERROR: ";

constexpr std::array<std::string_view, 1> passed{"PIP_*"};

constexpr std::array<std::string_view, 47> withheld{
    // where to
    "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_SRC", "PIP_SOURCE", "PIP_SOURCE_DIR",
    "PIP_SOURCE_DIRECTORY", "PIP_PYTHON", "PIP_BREAK_SYSTEM_PACKAGES", "PIP_REQUIRE_VIRTUALENV",
    "PIP_REQUIRE_VENV", "PIP_DOWNLOAD", "PIP_DEST", "PIP_PLATFORM", "PIP_PYTHON_VERSION",
    "PIP_IMPLEMENTATION", "PIP_ABI",
    // what
    "PIP_REQUIREMENT", "PIP_REQUIREMENTS_FROM_SCRIPT", "PIP_GROUP", "PIP_EDITABLE", "PIP_DRY_RUN",
    "PIP_UPGRADE", "PIP_IGNORE_INSTALLED", "PIP_FORCE_REINSTALL", "PIP_NO_DEPS", "PIP_NO_DEPENDENCIES",
    "PIP_ONLY_DEPS", "PIP_ONLY_DEPENDENCIES",
    // the output
    "PIP_QUIET", "PIP_VERBOSE", "PIP_LOG", "PIP_LOG_FILE", "PIP_LOCAL_LOG", "PIP_REPORT", "PIP_PROGRESS_BAR",
    "PIP_COLOR", "PIP_NO_COLOR", "PIP_FORMAT", "PIP_OUTDATED", "PIP_UPTODATE", "PIP_NOT_REQUIRED",
    "PIP_LOCAL", "PIP_PATH", "PIP_EXCLUDE", "PIP_EXCLUDE_EDITABLE"};

// Where it has to build a project to learn its name, pip finds extras behind the folder's path only; there it takes for a
// marker what is behind a `;`.
outcome<std::string> argument_for(const project_source& project, const outcome<project_file>& file) {
    if (project.extras.empty() || has_known_name(file))
        return with_extras(project.folder, project.extras, file);
    if (project.folder.find(';') != std::string::npos)
        return failure(
            error_code::invalid_argument,
            fmt::format("pip takes no extras of a project without a name that can be read in a folder with "
                        "a ; in its path: {}",
                        project.folder),
            "name it in a pyproject.toml, rename the folder, or use --backend uv");
    return fmt::format("{}[{}]", project.folder, fmt::join(project.extras, ","));
}

bool is_blank(std::string_view line) {
    return without_marks(line).empty();
}

// `(from versions: 0.9.0, ... 60 more ..., 1.17.0)` with the last three alone.
std::string with_few_versions(std::string text) {
    constexpr std::string_view label = "(from versions: ";
    auto begin = text.find(label);
    if (begin == std::string::npos)
        return text;
    begin += label.size();
    auto end = text.find(')', begin);
    auto comma = end;
    for (int kept = 0; kept < 3 && comma != std::string::npos && comma > begin; ++kept)
        comma = text.rfind(", ", comma - 1);
    if (end != std::string::npos && comma != std::string::npos && comma > begin)
        text.replace(begin, comma - begin, "...");
    return text;
}

// Lines after one that holds `begin` up to the next blank one, in one.
std::string paragraph_after(const std::vector<std::string>& lines, std::string_view begin) {
    auto it = std::find_if(lines.begin(), lines.end(),
                           [begin](const auto& line) { return line.find(begin) != std::string::npos; });
    std::string result;
    if (it == lines.end())
        return result;
    for (++it; it != lines.end() && !is_blank(*it); ++it) {
        result += result.empty() ? "" : "; ";
        result += without_marks(*it);
    }
    return result;
}

// A build's own output, which pip indents as it does its last line, `[end of output]`.
std::vector<std::string> build_output_in(const std::vector<std::string>& lines) {
    constexpr std::string_view label = "[end of output]";
    auto end = std::find_if(lines.rbegin(), lines.rend(),
                            [label](const auto& line) { return line.find(label) != std::string::npos; });
    std::vector<std::string> output;
    if (end == lines.rend())
        return output;
    const auto indentation = end->find(label);
    for (auto it = std::next(end); it != lines.rend() && it->find("lines of output]") == std::string::npos;
         ++it)
        if (!is_blank(*it))
            output.push_back(it->substr(std::min(indentation, it->find_first_not_of(' '))));
    std::reverse(output.begin(), output.end());
    return output;
}

std::vector<std::string> errors_in(const std::vector<std::string>& lines) {
    std::vector<std::string> errors;
    for (const auto& line : lines) {
        auto text = without_marks(line);
        if (text.starts_with(error_label))
            errors.emplace_back(text.substr(error_label.size()));
    }
    return errors;
}

// pip says "could not find a version" for want of an index too, and why only in a warning before it.
std::string broken_connection(const std::vector<std::string>& lines) {
    constexpr std::string_view label = "after connection broken by ";
    for (const auto& line : lines) {
        auto begin = line.find(label);
        if (begin == std::string::npos)
            continue;
        auto what = line.substr(begin + label.size());
        auto text = what.rfind(": [Errno");
        auto end = text == std::string::npos ? text : what.find_first_of("'\"", text);
        if (end != std::string::npos)
            return what.substr(text + 2, end - text - 2);
        return what;
    }
    return {};
}

// `Configuration file could not be loaded.`, with the reason and the line below it.
std::string unread_configuration(const std::vector<std::string>& lines) {
    constexpr std::size_t most_lines = 3;
    auto it = std::find_if(lines.begin(), lines.end(), [](const auto& line) {
        return line.find("onfiguration file c") != std::string::npos;
    });
    std::string text;
    for (std::size_t taken = 0; it != lines.end() && !is_blank(*it) && taken < most_lines; ++it, ++taken) {
        text += text.empty() ? "" : " ";
        text += without_marks(*it);
    }
    return text;
}

failure_summary summary_of(const tool_result& result) {
    auto lines = lines_of(result.standard_error);
    auto errors = errors_in(lines);
    auto find_error = [&errors](std::string_view beginning) {
        auto it = std::find_if(errors.begin(), errors.end(),
                               [beginning](const auto& text) { return text.starts_with(beginning); });
        return it == errors.end() ? std::string{} : *it;
    };

    if (auto text = find_error("Could not find a version"); !text.empty()) {
        if (auto why = broken_connection(lines); !why.empty())
            return {fmt::format("the package index cannot be reached: {}", why), {}};
        return {with_few_versions(text), {}};
    }
    if (auto text = find_error("Cannot install"); !text.empty()) {
        auto conflict = paragraph_after(lines_of(result.standard_output), "The conflict is caused by:");
        return {conflict.empty() ? text : text + ' ' + conflict, {}};
    }
    if (auto output = build_output_in(lines); !output.empty()) {
        auto cross = std::find_if(lines.begin(), lines.end(),
                                  [](const auto& line) { return line.find("×") != std::string::npos; });
        auto what = find_error("Failed building");
        if (what.empty() && cross != lines.end())
            what = without_marks(*cross);
        return {what.empty() ? "building it from source failed" : what, {}, std::move(output)};
    }
    if (auto text = unread_configuration(lines); !text.empty())
        return {std::move(text), {}};
    // Its own failure: a traceback follows, whose last line says what it was.
    if (!errors.empty() && errors.back() == "Exception:")
        return {};
    return {errors.empty() ? std::string{} : errors.back(), {}};
}

// `Successfully installed idna-3.6 zope.interface-6.0`: no version holds a `-`.
std::vector<installed_package> installed_in(std::string_view line) {
    std::vector<installed_package> packages;
    std::istringstream words{std::string{line}};
    for (std::string word; words >> word;) {
        auto dash = word.rfind('-');
        if (dash != std::string::npos && dash > 0)
            packages.push_back({word.substr(0, dash), word.substr(dash + 1)});
    }
    return packages;
}

class pip final : public package_backend {
public:
    backend kind() const noexcept override { return backend::pip; }

    // What it writes itself (`pip lock`) it cannot install from.
    std::string_view lock_file() const noexcept override { return {}; }

    bool shares_tools_folder() const noexcept override { return true; }
    offline_source offline() const noexcept override { return offline_source::wheels; }
    std::string_view cache_variable() const noexcept override { return "PIP_CACHE_DIR"; }
    tool_variables variables() const noexcept override { return {passed, withheld}; }
    // It starts itself once more.
    bool keeps_standard_input_alone() const noexcept override { return true; }

    outcome<tool_command> install_command(const backend_request& request,
                                          const tools_folder& tools) const override {
        if (auto good = check_request(*this, request); !good)
            return failure(good.error());
        auto command = start(request, tools, "install");
        if (!command)
            return command;
        auto& arguments = command->arguments;
        arguments.insert(arguments.end(), {"--progress-bar", "off"});
        if (request.upgrade)
            arguments.emplace_back("--upgrade");
        if (request.only_wheels) {
            arguments.insert(arguments.end(), {"--only-binary", ":all:"});
            forget_build_choices(command->variables);
        }
        if (request.offline) // pip has no switch that leaves it its cache: local wheels (find-links) alone
            arguments.emplace_back("--no-index");
        for (const auto& file : request.requirements_files)
            arguments.insert(arguments.end(), {"--requirement", file.path.string()});
        if (request.project) {
            const auto& project = *request.project;
            const std::filesystem::path folder{project.folder};
            for (const auto& group : project.groups)
                arguments.insert(arguments.end(),
                                 {"--group", (folder / "pyproject.toml").string() + ":" + group});
            auto file = read_project_file(project.folder);
            if (file)
                if (auto good = check_described(name(), project, *file); !good)
                    return failure(good.error());
            if (file && is_application(*file, project.folder)) {
                // Read from the project's file just now: nothing before has seen them.
                auto needed = dependencies_of(*file, project.extras);
                if (auto valid = validate_packages(needed); !valid)
                    return failure(valid.error());
                // Without anything to install pip fails.
                arguments.insert(arguments.end(), {"--requirement", "/dev/null", "--"});
                arguments.insert(arguments.end(), needed.begin(), needed.end());
            } else {
                auto argument = argument_for(project, file);
                if (!argument)
                    return failure(argument.error());
                arguments.insert(arguments.end(), {"--", std::move(*argument)});
            }
            return command;
        }
        add_packages(request, *command);
        return command;
    }

    outcome<tool_command> uninstall_command(const backend_request& request,
                                            const tools_folder& tools) const override {
        if (auto good = check_names_alone(request); !good)
            return failure(good.error());
        auto command = start(request, tools, "uninstall");
        if (command) {
            command->arguments.insert(command->arguments.end(), {"--yes", "--"});
            std::ranges::move(texts_of(request.packages), std::back_inserter(command->arguments));
        }
        return command;
    }

    // From its last line, and not from `--report -`: a report holds every package's whole description,
    // megabytes for a large installation, and would be lost where output is bounded; pip before 22.2 has
    // none.
    backend_report parse_changes(const tool_result& result) const override {
        if (result.exit_status != 0)
            return failed(name(), result, summary_of(result));
        constexpr std::string_view installed_label = "Successfully installed ";
        constexpr std::string_view removed_label = "Successfully uninstalled ";
        backend_report report;
        for (const auto& line : lines_of(result.standard_output)) {
            auto text = without_marks(line);
            if (text.starts_with(installed_label))
                report.installed = installed_in(text.substr(installed_label.size()));
            else if (text.starts_with(removed_label))
                std::ranges::move(installed_in(text.substr(removed_label.size())),
                                  std::back_inserter(report.removed));
        }
        return report;
    }

    outcome<tool_command> list_command(const backend_request& request,
                                       const tools_folder& tools) const override {
        auto command = start(request, tools, "list");
        if (command)
            command->arguments.insert(command->arguments.end(), {"--format", "json"});
        return command;
    }

    outcome<std::vector<installed_package>> parse_list(const tool_result& result) const override {
        return parse_json_list(name(), result);
    }

private:
    static outcome<tool_command> start(const backend_request& request, const tools_folder& tools,
                                       const char* action) {
        if (!request.interpreter)
            return failure(error_code::invalid_argument,
                           "the interpreter of an environment must be known to pip");
        auto program = pip_program(tools, *request.interpreter, request.venv_path);
        if (!program)
            return failure(program.error());
        tool_command command{
            std::move(*program),
            with_settings_that_stay(request.variables, pip_configuration_files(request.variables), action)};
        command.arguments.insert(command.arguments.end(),
                                 {action, "--no-input", "--disable-pip-version-check", "--no-color"});
        if (!request.cache_folder.empty())
            command.arguments.insert(command.arguments.end(), {"--cache-dir", request.cache_folder.string()});
        command.variables["PIP_USER"] = "0"; // a configuration file may say otherwise
        return command;
    }
};

} // namespace

const package_backend& pip_backend() {
    static const pip instance;
    return instance;
}

} // namespace gestvenv::python
