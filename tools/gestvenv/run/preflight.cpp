// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/preflight.hpp"

#include "messages/validation.hpp"
#include "system/python/requirement.hpp"
#include "tools/gestvenv/ephemeral/creation_preflight.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/options/path_checks.hpp"
#include "tools/gestvenv/run/caller_path.hpp"
#include "tools/gestvenv/run/caller_variables.hpp"
#include "tools/gestvenv/run/declared_script.hpp"
#include "tools/gestvenv/run/passed_descriptors.hpp"
#include "tools/gestvenv/run/variable_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

namespace files = std::filesystem;

outcome<void> prepare_working_directory(files::path& folder) {
    constexpr const char* hint = "name a folder that is there with --cwd";
    if (folder.empty()) {
        std::error_code gone;
        folder = files::current_path(gone);
        if (gone)
            return bad_value("the current folder is not there any more: " + gone.message(), hint);
        if (!may(folder, X_OK))
            return bad_value(fmt::format("the current folder, {}, cannot be entered: {}",
                                         shown(folder.native()), reason(errno)),
                             "start from another folder, or give one with --cwd, such as --cwd /");
    }
    auto kind = kind_of("--cwd", folder, "name a folder that is there");
    if (!kind)
        return failure(std::move(kind).error());
    if (!S_ISDIR(*kind))
        return bad_value(fmt::format("--cwd {} is not a folder", shown(folder.native())),
                         "name a folder that is there");
    if (!may(folder, X_OK))
        return bad_value(fmt::format("--cwd {}: {}", shown(folder.native()), reason(errno)),
                         "a command can only start in a folder that it may enter");
    folder = files::absolute(folder);
    return {};
}

/// That it can be written is found out now as far as that is possible without making it.
outcome<void> check_receipt(const std::string& name) {
    if (name == "-")
        return {};
    const files::path path{name};
    const auto folder = path.has_parent_path() ? path.parent_path() : files::path{"."};
    constexpr const char* hint = "name a file that can be written, or - for standard error";
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0) {
        if (S_ISDIR(found.st_mode))
            return bad_value(fmt::format("--receipt {} is a folder", shown(name)), hint);
        if (!may(path, W_OK))
            return bad_value(fmt::format("--receipt {}: {}", shown(name), reason(errno)), hint);
        return {};
    }
    if (!path.has_filename() || !may(folder, W_OK | X_OK))
        return bad_value(fmt::format("--receipt {}: {}", shown(name), reason(errno)), hint);
    return {};
}

/// Whether artifacts can go there, as far as that can be told now; a folder that is missing is made later.
outcome<void> prepare_artifacts(artifact_rule& rule) {
    constexpr const char* hint = "name a folder that can be written, or one that can be made";
    auto folder = files::absolute(rule.folder);
    auto above = folder;
    struct stat found {};
    while (::stat(above.c_str(), &found) != 0) {
        if (errno != ENOENT || !above.has_relative_path())
            return bad_value(fmt::format("--artifacts: {}: {}", shown(rule.folder), reason(errno)), hint);
        above = above.parent_path();
    }
    if (!S_ISDIR(found.st_mode))
        return bad_value(fmt::format("--artifacts: {} is not a folder", shown(above.native())), hint);
    if (!may(above, W_OK | X_OK))
        return bad_value(fmt::format("--artifacts: {}: {}", shown(above.native()), reason(errno)), hint);
    rule.folder = folder.native();
    return {};
}

/// Of the whole process, so read while there is one thread.
std::uint32_t mask_of_caller() {
    const auto mask = ::umask(0);
    ::umask(mask);
    return mask;
}

/// What git would read below HOME.
std::optional<std::string> git_settings(const variable_map& callers, const files::path& home) {
    if (auto named = callers.find("GIT_CONFIG_GLOBAL"); named != callers.end())
        return named->second;
    auto folder = callers.find("XDG_CONFIG_HOME");
    const auto settings =
        folder == callers.end() || folder->second.empty() ? home / ".config" : files::path{folder->second};
    for (const auto& file : {home / ".gitconfig", settings / "git/config"})
        if (may(file, R_OK))
            return file.native();
    return std::nullopt;
}

/// The name by which the caller came to the folder, through links: a shell shows it, and passes it on.
std::optional<std::string> named_folder(const variable_map& callers, const files::path& folder) {
    auto name = callers.find("PWD");
    std::error_code ignored; // then it is another folder
    if (name == callers.end() || !name->second.starts_with('/') ||
        !files::equivalent(name->second, folder, ignored))
        return std::nullopt;
    return name->second;
}

void enter_home(variable_map& variables, home_folder whose, const variable_map& callers,
                const files::path& home) {
    if (whose == home_folder::private_) {
        if (auto settings = git_settings(callers, home))
            variables.emplace("GIT_CONFIG_GLOBAL", std::move(*settings));
        return;
    }
    variables.insert_or_assign("HOME", home.native());
    for (const auto& [name, value] : callers)
        if (name.starts_with("XDG_") && name.ends_with("_HOME"))
            variables.emplace(name, value);
}

/// What comes later wins: what reaches a command by itself, what is passed on by name, the files', and what
/// --set-env names. That the environment's own `bin` comes first in PATH is the environment's affair.
outcome<void> prepare_variables(run_request& request, const python::search_context& context) {
    const auto callers = variables_of_this_process();
    const auto& folder = request.in_work_folder ? context.working_folder : request.command.working_directory;
    auto variables = ambient_variables(callers);
    auto path = path_for_command(callers, folder);
    if (auto name = named_folder(callers, folder))
        variables.emplace("PWD", std::move(*name));
    variables.merge(toolchain_variables(callers, context.home, path));
    variables.emplace("PATH", std::move(path));
    enter_home(variables, request.home, callers, context.home);
    for (auto& [name, value] : named_variables(callers, request.passed_variables))
        variables.insert_or_assign(name, std::move(value));
    for (const auto& file : request.variable_files) {
        auto read = read_variable_file(file);
        if (!read)
            return failure(std::move(read).error());
        for (auto& [name, value] : *read)
            variables.insert_or_assign(name, std::move(value));
    }
    for (auto& [name, value] : request.command.variables)
        variables.insert_or_assign(name, std::move(value));
    request.command.variables = std::move(variables);
    return gestvenv::validate(request.command); // their size is known only now
}

bool is_package(const std::string& word) {
    return python::parse_requirement(word).has_value();
}

/// `--packages a b -- CMD`: b would be the program, and nothing of CMD would run.
outcome<void> check_words_before_separator(const run_request& request, const files::path& folder,
                                           std::string_view path) {
    const auto& words = request.command.arguments;
    const auto separator = std::find(words.begin(), words.end(), "--");
    if (!request.follows_packages || separator == words.end() || separator == words.begin() ||
        separator + 1 == words.end() || !std::all_of(words.begin(), separator, is_package))
        return {};
    // A program of this machine, or of one of the packages, may have a `--` of its own.
    const auto& first = words.front();
    const auto& packages = request.environment.packages;
    auto is_of = [&first](const std::string& package) {
        auto read = python::parse_requirement(package);
        return read && python::normalized_name(read->name) == python::normalized_name(first);
    };
    if (python::parse_requirement(first)->name == first &&
        (is_on_path(first, path, folder) || std::any_of(packages.begin(), packages.end(), is_of)))
        return {};
    std::vector<std::string> all{packages.back()};
    all.insert(all.end(), words.begin(), separator);
    return bad_value(fmt::format("{} stands where the command is expected", shown(first)),
                     fmt::format("packages are separated by commas: --packages {}; a `--` before the command "
                                 "says where it begins",
                                 shown(fmt::format("{}", fmt::join(all, ",")))));
}

/// `'a && b'`: one word, which would be the name of a program.
outcome<void> check_single_word(const run_request& request, const files::path& folder) {
    const auto& words = request.command.arguments;
    if (words.size() != 1 || words.front().find_first_of(" \t\n") == std::string::npos)
        return {};
    std::error_code ignored; // what cannot be looked at is no program
    if (files::exists(folder / words.front(), ignored))
        return {};
    return bad_value(
        fmt::format("the command is one word with spaces in it, and there is no such program: {}",
                    shown(words.front())),
        "for a line of shell, give --shell before it; else leave the quotes around it out");
}

outcome<void> prepare_descriptors(run_request& request) {
    auto& passed = request.command.passed_descriptors;
    for (int number : passed)
        if (!is_open(number))
            return bad_value(fmt::format("--pass-fd {}: the descriptor is not open", number),
                             fmt::format("open it in the shell, as in `{}<file`", number));
    auto words = request.command.arguments;
    words.push_back(request.command.text);
    for (int number : descriptors_named_in(words))
        if (std::find(passed.begin(), passed.end(), number) == passed.end())
            passed.push_back(number);
    return {};
}

outcome<void> prepare_script(run_request& request, const python::search_context& context) {
    auto& words = request.command.arguments;
    const auto& folder = request.in_work_folder ? context.working_folder : request.command.working_directory;
    if (words.empty() || !needs_python_before(words.front(), request.command, folder))
        return {};
    request.is_from_input = words.front() == "-";
    if (request.is_from_input && request.command.streams == stream_mode::capture)
        return bad_value("a script from standard input needs that, and --output-limit leaves it none",
                         "name the script's file, or leave --output-limit and --output-memory out");
    words.insert(words.begin(), "python");
    return {};
}

} // namespace

outcome<void> prepare(run_request& request, const python::search_context& context) {
    request.command.umask = mask_of_caller();
    if (!request.in_work_folder)
        if (auto good = prepare_working_directory(request.command.working_directory); !good)
            return good;
    if (auto good = prepare_creation(request.environment); !good)
        return good;
    if (request.receipt)
        if (auto good = check_receipt(*request.receipt); !good)
            return good;
    for (auto& rule : request.artifacts)
        if (auto good = prepare_artifacts(rule); !good)
            return good;
    if (auto good = prepare_descriptors(request); !good)
        return good;
    if (auto good = prepare_script(request, context); !good)
        return good;
    if (auto good = prepare_variables(request, context); !good)
        return good;
    const auto& folder = request.in_work_folder ? context.working_folder : request.command.working_directory;
    return check_single_word(request, folder).and_then([&] {
        return check_words_before_separator(request, folder, request.command.variables["PATH"]);
    });
}

} // namespace gestvenv::cli
