// SPDX-License-Identifier: MIT
#include "system/python/backends/uv.hpp"

#include "messages/json.hpp"
#include "system/python/backends/backend_checks.hpp"
#include "system/python/backends/installer_output.hpp"
#include "system/python/backends/package_arguments.hpp"
#include "system/python/backends/uv_configuration.hpp"
#include "system/python/backends/uv_indexes.hpp"
#include "system/python/backends/uv_settings.hpp"
#include "system/python/project_file.hpp"
#include "system/python/requirement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 1> passed{"UV_*"};

constexpr std::array<std::string_view, 43> withheld{
    // where to
    "UV_TARGET", "UV_PREFIX", "UV_SYSTEM_PYTHON", "UV_BREAK_SYSTEM_PACKAGES", "UV_PYTHON", "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY", "UV_MANAGED_PYTHON",
    "UV_NO_MANAGED_PYTHON",
    // what
    "UV_DRY_RUN", "UV_ENV_FILE", "UV_NO_ENV_FILE", "UV_LINK_MODE", "UV_DEV", "UV_NO_DEV", "UV_NO_GROUP",
    "UV_NO_DEFAULT_GROUPS", "UV_NO_EDITABLE", "UV_FROZEN", "UV_LOCKED", "UV_NO_SYNC", "UV_ISOLATED",
    "UV_NO_PROJECT", "UV_NO_DEPS", "UV_UPGRADE", "UV_REINSTALL",
    // the output
    "UV_QUIET", "UV_VERBOSE", "UV_OUTPUT_FORMAT", "UV_LOG_CONTEXT", "UV_SHOW_RESOLUTION", "UV_NO_PROGRESS",
    // all of these
    "UV_PYTHON_*", "UV_TOOL_*", "UV_INTERNAL_*", "UV_RUN_*", "UV_NO_INSTALL_*", "UV_INIT_*", "UV_INSTALLER_*",
    "UV_VENV_*", "UV_PUBLISH_*"};

// uv on failure, in its form since 0.11 ("error:", "cause:", "hint:") and before (marks drawn before the
// lines, "Caused by:"): a headline, causes that may go on over several lines, blocks of a build's output, a
// hint.
class message_reader {
public:
    void read(const std::string& line) {
        auto text = without_marks(line);
        bool drawn = line.find("×") != std::string::npos;
        if (text.empty()) {
            current_ = nullptr;
        } else if (take_label(text, "hint: ")) {
            in_output_ = false;
            current_ = nullptr;
            if (hint_.empty()) // the first says the most
                begin(hint_, text);
        } else if (text == "[stdout]" || text == "[stderr]") {
            in_output_ = true;
            indentation_ = line.find('[');
        } else if (in_output_) {
            output_.push_back(line.substr(std::min(indentation_, line.find_first_not_of(' '))));
        } else if (headline_.empty() && (take_label(text, "error: ") || drawn)) {
            begin(headline_, text);
        } else if (take_label(text, "cause: ") || take_label(text, "Caused by: ") ||
                   line.find("─▶") != std::string::npos) {
            if (!headline_.empty())
                begin(causes_.emplace_back(), text);
        } else if (current_) {
            *current_ += ' ';
            *current_ += text;
        }
    }

    failure_summary take() {
        if (headline_.ends_with(':'))
            headline_.pop_back();
        std::string message = headline_;
        if (causes_.size() >
            2) // what was tried, and what stopped it; between them is the way from one to the other
            causes_ = {causes_.front(), causes_.back()};
        for (const auto& cause : causes_)
            message += ": " + cause;
        return {std::move(message), std::move(hint_), std::move(output_)};
    }

private:
    static bool take_label(std::string_view& text, std::string_view label) {
        if (!text.starts_with(label))
            return false;
        text.remove_prefix(label.size());
        return true;
    }
    void begin(std::string& target, std::string_view text) {
        target = text;
        current_ = &target;
    }

    std::string headline_;
    // A pointer into it is kept only until the next one is added.
    std::vector<std::string> causes_;
    std::string hint_;
    std::vector<std::string> output_;
    std::size_t indentation_ = 0;
    std::string* current_ = nullptr;
    bool in_output_ = false;
};

// ` + name==1.0` or ` + name==1.0 (from file:///...)`.
std::optional<installed_package> package_in(std::string_view line) {
    auto equals = line.find("==");
    if (equals == std::string_view::npos || equals == 0)
        return std::nullopt;
    auto version = line.substr(equals + 2);
    return installed_package{std::string{line.substr(0, equals)},
                             std::string{version.substr(0, version.find(' '))}};
}

class uv final : public package_backend {
public:
    backend kind() const noexcept override { return backend::uv; }

    std::string_view lock_file() const noexcept override { return "uv.lock"; }

    bool shares_tools_folder() const noexcept override { return true; }
    offline_source offline() const noexcept override { return offline_source::cache; }
    std::string_view cache_variable() const noexcept override { return "UV_CACHE_DIR"; }
    tool_variables variables() const noexcept override { return {passed, withheld}; }
    bool leaves_out(const project_file& project) const noexcept override {
        return project.uv_package == false;
    }

    outcome<tool_command> install_command(const backend_request& request,
                                          const tools_folder& tools) const override {
        if (auto good = check_request(*this, request); !good)
            return failure(good.error());
        if (request.project)
            return project_command(request, tools);
        auto command = start(request, tools, {"pip", "install"});
        if (!command)
            return command;
        auto& arguments = command->arguments;
        add_install_options(request, arguments);
        if (request.upgrade)
            arguments.emplace_back("--upgrade");
        if (request.only_wheels) {
            arguments.insert(arguments.end(), {"--only-binary", ":all:"});
            forget_build_choices(command->variables);
        }
        if (request.summary.rewritten) {
            if (!command->standard_input.empty())
                return failure(
                    error_code::invalid_argument,
                    "the requirements file is in an encoding that uv does not read, or has lines that "
                    "it does not",
                    "write it in UTF-8, each requirement in one line");
            arguments.insert(arguments.end(), {"--requirements", "-"});
            command->standard_input = *request.summary.rewritten;
        } else {
            for (const auto& file : request.requirements_files)
                arguments.insert(arguments.end(), {"--requirements", file.path.string()});
        }
        add_packages(request, *command);
        return command;
    }

    outcome<tool_command> uninstall_command(const backend_request& request,
                                            const tools_folder& tools) const override {
        if (auto good = check_names_alone(request); !good)
            return failure(good.error());
        auto command = start(request, tools, {"pip", "uninstall"});
        if (command) {
            command->arguments.emplace_back("--");
            std::ranges::move(texts_of(request.packages), std::back_inserter(command->arguments));
        }
        return command;
    }

    backend_report parse_changes(const tool_result& result) const override {
        auto lines = lines_of(result.standard_error);
        if (result.exit_status != 0) {
            message_reader reader;
            for (const auto& line : lines)
                reader.read(line);
            return failed(name(), result, reader.take());
        }
        backend_report report;
        for (const auto& line : lines) {
            std::string_view text{line};
            if (text.size() < 4 || text[0] != ' ' || text[2] != ' ')
                continue;
            auto package = package_in(text.substr(3));
            if (!package)
                continue;
            if (text[1] == '-')
                report.removed.push_back(std::move(*package));
            else if (text[1] == '+' || text[1] == '~') // `~`: installed again in the same version
                report.installed.push_back(std::move(*package));
        }
        return report;
    }

    outcome<tool_command> list_command(const backend_request& request,
                                       const tools_folder& tools) const override {
        auto command = start(request, tools, {"pip", "list"});
        if (command)
            command->arguments.insert(command->arguments.end(), {"--format", "json"});
        return command;
    }

    outcome<std::vector<installed_package>> parse_list(const tool_result& result) const override {
        return parse_json_list(name(), result);
    }

private:
    static void add_install_options(const backend_request& request, std::vector<std::string>& arguments) {
        // Its cache may be another environment's lower layer: a hard link would let the environment write
        // into it.
        arguments.insert(arguments.end(), {"--no-progress", "--link-mode", "copy"});
        // It would take a folder whose pyproject.toml has not been changed as it was built before.
        for (const auto& name : request.local_names)
            arguments.insert(arguments.end(), {"--reinstall-package", name});
    }

    // With a lock as `uv sync` has it, without one as `uv pip install` resolves it.
    outcome<tool_command> project_command(const backend_request& request, const tools_folder& tools) const {
        const auto& project = *request.project;
        const fs::path folder{project.folder};
        const bool locked = has_lock(project, lock_file());
        auto command =
            start(request, tools,
                  locked ? std::vector<std::string>{"sync"} : std::vector<std::string>{"pip", "install"});
        if (!command)
            return command;
        auto& arguments = command->arguments;
        add_install_options(request, arguments);
        if (locked) {
            command->variables["VIRTUAL_ENV"] = request.venv_path.string();
            // --inexact: what else is in the environment stays there.
            arguments.insert(arguments.end(), {"--active", "--project", folder.string(), "--locked",
                                               "--inexact", "--no-editable", "--no-default-groups"});
            for (const auto& extra : project.extras)
                arguments.insert(arguments.end(), {"--extra", extra});
            for (const auto& group : project.groups)
                arguments.insert(arguments.end(), {"--group", group});
        } else {
            if (request.upgrade)
                arguments.emplace_back("--upgrade");
            for (const auto& group : project.groups)
                arguments.insert(arguments.end(),
                                 {"--group", (folder / "pyproject.toml").string() + ":" + group});
            // What stands in its folder, or in the root of its workspace, holds: constraints, sources.
            arguments.insert(arguments.end(), {"--project", folder.string()});
            // What a workspace links to is built in an overlay, which is about to go.
            command->variables["UV_NO_EDITABLE"] = "1";
            auto file = read_project_file(project.folder);
            if (file)
                if (auto good = check_described(name(), project, *file).and_then([&] {
                        return check_no_bare_root(project, *file);
                    });
                    !good)
                    return failure(good.error());
            if (file && is_application(*file, project.folder)) {
                // A file without [project] it would build all the same.
                arguments.insert(arguments.end(),
                                 {"--requirements",
                                  file->is_described ? (folder / "pyproject.toml").string() : "/dev/null"});
                for (const auto& extra : project.extras)
                    arguments.insert(arguments.end(), {"--extra", extra});
            } else {
                if (!has_known_name(file) && folder.native().find('#') != std::string::npos)
                    return failure(
                        error_code::invalid_argument,
                        fmt::format("uv does not find a project without a name that can be read in a folder "
                                    "with a # in its path: {}",
                                    folder.string()),
                        "name it in a pyproject.toml, rename the folder, or use --backend pip");
                arguments.insert(arguments.end(), {"--", with_extras(folder, project.extras, file)});
            }
        }
        return command;
    }

    static outcome<tool_command> start(const backend_request& request, const tools_folder& tools,
                                       const std::vector<std::string>& action) {
        auto program = find_tool(tools, "uv");
        if (!program)
            return failure(program.error());
        tool_command command;
        const auto pip = pip_settings_beside_uv(request);
        command.variables = with_pip_settings(request.variables, pip);
        // It starts as many threads as the machine has cores and ends where one is refused.
        if (request.one_at_a_time)
            for (const char* work :
                 {"UV_CONCURRENT_DOWNLOADS", "UV_CONCURRENT_BUILDS", "UV_CONCURRENT_INSTALLS"})
                command.variables.emplace(work, "1");
        // Of an environment that is only a folder with an interpreter's link, uv needs the link.
        command.arguments = {program->string()};
        if (action.front() == "pip") {
            if (auto settings = uv_settings_that_stay(request.variables,
                                                      request.project ? fs::path{request.project->folder}
                                                                      : request.working_folder,
                                                      request.working_folder)) {
                command.arguments.insert(command.arguments.end(), {"--config-file", "/dev/stdin"});
                command.standard_input = std::move(*settings);
                command.variables.erase("UV_CONFIG_FILE");
            }
        }
        command.arguments.insert(command.arguments.end(), action.begin(), action.end());
        command.arguments.insert(command.arguments.end(),
                                 {"--python", (request.venv_path / "bin/python").string(), "--color", "never",
                                  "--no-python-downloads"});
        if (pip.no_index && action.back() == "install")
            command.arguments.emplace_back("--no-index");
        if (request.offline)
            command.arguments.emplace_back("--offline");
        if (!request.cache_folder.empty())
            command.arguments.insert(command.arguments.end(), {"--cache-dir", request.cache_folder.string()});
        return command;
    }
};

} // namespace

const package_backend& uv_backend() {
    static const uv instance;
    return instance;
}

} // namespace gestvenv::python
