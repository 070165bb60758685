// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/creation_preflight.hpp"

#include "system/posix/descriptor.hpp"
#include "system/posix/descriptor_name.hpp"
#include "system/python/backends/project.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/options/path_checks.hpp"
#include "tools/gestvenv/run/passed_descriptors.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

namespace files = std::filesystem;

outcome<std::string> memory_file_of(int number) {
    constexpr std::size_t largest_list = std::size_t{16} << 20;
    return content_of(number, largest_list).and_then(path_of_memory_file);
}

outcome<std::string> memory_file_of(const std::string& pipe) {
    descriptor file{::open(pipe.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    if (!file)
        return bad_value(fmt::format("--requirements {}: {}", shown(pipe), reason(errno)));
    return memory_file_of(file.get());
}

// The installer fetches it, as pip and uv do where a file includes one.
bool is_web_address(std::string_view name) {
    return (name.starts_with("https://") || name.starts_with("http://")) &&
           name.find_first_of(" \t\r\n\\#") == std::string_view::npos;
}

} // namespace

outcome<void> prepare_requirements(std::string& name) {
    constexpr const char* hint = "name a file that is there, one requirement per line";
    if (name == "-")
        name = "/dev/stdin";
    if (is_web_address(name)) {
        auto path = path_of_memory_file(fmt::format("--requirement {}\n", name));
        if (!path)
            return failure(std::move(path).error());
        name = std::move(*path);
        return {};
    }
    auto kind = kind_of("--requirements", name, hint);
    if (!kind)
        return failure(std::move(kind).error());
    // What is open here, or comes through a pipe, is another process's or gone when the installer reads it.
    if (auto number = descriptor_named(name); number || S_ISFIFO(*kind)) {
        auto path = number ? memory_file_of(*number) : memory_file_of(name);
        if (!path)
            return failure(std::move(path).error());
        name = std::move(*path);
        return {};
    }
    if (!S_ISREG(*kind))
        return bad_value(fmt::format("--requirements {} is not a regular file", shown(name)), hint);
    if (!may(name, R_OK))
        return bad_value(fmt::format("--requirements {}: {}", shown(name), reason(errno)),
                         "the file must be readable");
    name = files::absolute(name).native();
    return {};
}

outcome<void> prepare_project(project_source& project) {
    project.folder = files::absolute(project.folder).lexically_normal().string();
    return python::check_project(project);
}

outcome<void> check_no_file_among(const std::vector<std::string>& packages) {
    for (const auto& package : packages) {
        std::error_code ignored; // what cannot be looked at is no file
        if ((package.ends_with(".txt") || package.ends_with(".toml")) &&
            files::is_regular_file(package, ignored))
            return bad_value(fmt::format("--packages {} is the name of a file here", shown(package)),
                             package.ends_with(".txt") ? fmt::format("--requirements {}", package)
                                                       : "--project DIR, with the folder that it is in");
    }
    return {};
}

outcome<void> prepare_creation(environment_spec& environment) {
    if (environment.requirements_file)
        if (auto good = prepare_requirements(*environment.requirements_file); !good)
            return good;
    for (auto& file : environment.requirements_files)
        if (auto good = prepare_requirements(file); !good)
            return good;
    if (environment.project)
        if (auto good = prepare_project(*environment.project); !good)
            return good;
    return check_no_file_among(environment.packages);
}

} // namespace gestvenv::cli
