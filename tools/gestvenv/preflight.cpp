#include "tools/gestvenv/preflight.hpp"

#include "messages/validation.hpp"
#include "system/python/backends/project.hpp"
#include "tools/gestvenv/caller_variables.hpp"
#include "tools/gestvenv/option_values.hpp"
#include "tools/gestvenv/variable_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

namespace files = std::filesystem;

/// With the rights the program acts with, not those of whoever started it.
bool may(const files::path& path, int mode) {
    if (::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0)
        return true;
    // Older containers' filters answer EPERM to the call that takes the flag.
    return errno == EPERM && ::geteuid() == ::getuid() && ::access(path.c_str(), mode) == 0;
}

std::string reason(int number) {
    return std::generic_category().message(number);
}

/// The kind of file there is, or why it cannot be told.
outcome<mode_t> kind_of(const char* option, const files::path& path, const char* hint) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0)
        return bad_value(fmt::format("{} {}: {}", option, shown(path.native()), reason(errno)), hint);
    return found.st_mode;
}

outcome<void> prepare_working_directory(files::path& folder) {
    constexpr const char* hint = "name a folder that is there with --cwd";
    if (folder.empty()) {
        std::error_code gone;
        folder = files::current_path(gone);
        if (gone)
            return bad_value("the current folder is not there any more: " + gone.message(), hint);
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

outcome<void> prepare_requirements(std::string& name) {
    constexpr const char* hint = "name a file that is there, one requirement per line";
    auto kind = kind_of("--requirements", name, hint);
    if (!kind)
        return failure(std::move(kind).error());
    // A pipe of the caller's shell cannot be read by the installer, which is another process.
    if (!S_ISREG(*kind))
        return bad_value(fmt::format("--requirements {} is not a regular file", shown(name)), hint);
    if (!may(name, R_OK))
        return bad_value(fmt::format("--requirements {}: {}", shown(name), reason(errno)),
                         "the file must be readable");
    name = files::absolute(name).native();
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

/// What comes later wins: the terminal's, the caller's, the files', and what --set-env names.
outcome<void> prepare_variables(run_request& request) {
    bool on_terminal = request.command.streams == stream_mode::inherit && ::isatty(STDOUT_FILENO) == 1;
    auto variables = variables_of_caller(request.passed_variables, on_terminal);
    for (const auto& file : request.variable_files) {
        auto read = read_variable_file(file);
        if (!read)
            return failure(std::move(read).error());
        for (auto& [name, value] : *read)
            variables[name] = std::move(value);
    }
    for (auto& [name, value] : request.command.variables)
        variables[name] = std::move(value);
    request.command.variables = std::move(variables);
    return gestvenv::validate(request.command); // their size is known only now
}

} // namespace

outcome<void> prepare(run_request& request) {
    if (!request.in_work_folder)
        if (auto good = prepare_working_directory(request.command.working_directory); !good)
            return good;
    if (request.environment.requirements_file)
        if (auto good = prepare_requirements(*request.environment.requirements_file); !good)
            return good;
    if (request.environment.project) {
        auto& project = *request.environment.project;
        project.folder = std::filesystem::absolute(project.folder).lexically_normal().string();
        if (auto good = python::check_project(project); !good)
            return good;
    }
    if (request.receipt)
        if (auto good = check_receipt(*request.receipt); !good)
            return good;
    for (auto& rule : request.artifacts)
        if (auto good = prepare_artifacts(rule); !good)
            return good;
    return prepare_variables(request);
}

} // namespace gestvenv::cli
