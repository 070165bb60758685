// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/command_notes.hpp"

#include "messages/shown_text.hpp"
#include "system/python/interpreter_version.hpp"
#include "system/python/requirement.hpp"
#include "tools/gestvenv/run/caller_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

namespace files = std::filesystem;

/// Links within the environment before the one that leads out of it.
constexpr int most_links = 4;

/// What no program is, and a shell would have done itself.
std::string hint_for_shell(const std::vector<std::string>& words) {
    constexpr std::array<std::string_view, 14> of_shell{"cd",   "export", "source", ".",    "alias",
                                                        "set",  "unset",  "eval",   "exec", "command",
                                                        "type", "if",     "while",  "for"};
    const auto& first = words.front();
    if (std::find(of_shell.begin(), of_shell.end(), first) != of_shell.end())
        return fmt::format("{} is a word of the shell's: --shell gives a whole line to one{}", first,
                           first == "cd" ? "; --cwd DIR is the folder that a command starts in" : "");
    auto name = std::string_view{first}.substr(0, first.find('='));
    constexpr std::string_view of_names = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    if (name.empty() || name.size() == first.size() ||
        name.find_first_not_of(of_names) != std::string_view::npos)
        return {};
    return fmt::format("to set a variable for the command: --set-env {}=VALUE", name);
}

/// The program that a command begins with, where it is looked up in PATH; empty where it is not.
std::string_view program_of(const command_spec& command) {
    std::string_view first = command.arguments.empty() ? command.text : command.arguments.front();
    if (command.arguments.empty())
        first = first.substr(0, first.find_first_of(" \t\n;&|<>()"));
    return first.find_first_of("/=$\"'`") == std::string_view::npos ? first : std::string_view{};
}

bool is_there(const files::path& file) {
    return ::access(file.c_str(), F_OK) == 0;
}

/// `3.12` of `python3.12`; empty for any other program.
std::string_view version_of_python(std::string_view program) {
    constexpr std::string_view prefix = "python";
    if (!program.starts_with(prefix))
        return {};
    program.remove_prefix(prefix.size());
    return python::parse_interpreter_version(program) ? program : std::string_view{};
}

bool is_requirement(const std::string& word) {
    return python::parse_requirement(word).has_value();
}

} // namespace

files::path interpreter_of(const environment_info& made) {
    const auto folder = made.host_path / "venv/bin";
    files::path name{"python"};
    for (int link = 0; link < most_links; ++link) {
        std::error_code problem;
        name = files::read_symlink(folder / name, problem);
        if (problem)
            return {};
        if (name.is_absolute())
            return name;
    }
    return {};
}

std::optional<std::string> note_on_outer_script(const run_request& request, const environment_info& made,
                                                const python::search_context& context) {
    const auto program = program_of(request.command);
    const auto path = request.command.variables.find("PATH");
    if (program.empty() || path == request.command.variables.end() ||
        is_there(made.host_path / "venv/bin" / program) || is_there(made.host_path / "notices" / program))
        return std::nullopt;
    if (auto version = version_of_python(program); !version.empty()) {
        if (!is_on_path(program, path->second, request.command.working_directory))
            return std::nullopt; // the error says enough
        return fmt::format(
            "{} is not the environment's Python, which is {}, and runs outside of it; --python {} "
            "makes an environment of it",
            program, made.python_version, version);
    }
    auto script = find_outer_script(program, path->second, request.command.working_directory, context);
    if (!script)
        return std::nullopt;
    return fmt::format(
        "{} is not in the environment: {} runs with the packages of {}; --packages installs it "
        "here",
        program, script->file.native(), script->interpreter);
}

error in_terms_of_command_line(error problem, const run_request& request, const interpreter_wish& wish) {
    if (problem.code == error_code::interpreter_not_found && wish.wanted && wish.reason != "--python")
        problem.message += fmt::format("; {} asks for it", wish.reason);
    const auto& words = request.command.arguments;
    if (problem.code == error_code::command_not_found && !words.empty())
        if (auto hint = hint_for_shell(words); !hint.empty())
            problem.hint = std::move(hint);
    if (problem.code == error_code::command_not_found && request.follows_packages && !words.empty() &&
        is_requirement(words.front()))
        problem.hint =
            fmt::format("if {} is a package: several are separated by commas, as in --packages {},{}",
                        shown(words.front()), request.environment.packages.back(), words.front());
    return problem;
}

} // namespace gestvenv::cli
