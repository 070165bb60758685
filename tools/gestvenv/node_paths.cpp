// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node_paths.hpp"

#include "system/posix/descriptor.hpp"
#include "system/posix/descriptor_name.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/creation_preflight.hpp"
#include "tools/gestvenv/option_values.hpp"
#include "tools/gestvenv/output.hpp"
#include "tools/gestvenv/passed_descriptors.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace gestvenv::cli {

namespace {

namespace files = std::filesystem;

constexpr std::size_t largest_list = std::size_t{16} << 20;

outcome<void> check_absolute(const char* option, const std::string& path) {
    if (files::path{path}.is_absolute())
        return {};
    return bad_value(
        fmt::format("{} {} is relative, and the node is on another machine", option, shown(path)),
        "give the absolute path that it has on the node's machine");
}

} // namespace

node_paths::~node_paths() {
    std::error_code ignored; // a folder of temporary files is emptied by others, too
    for (const auto& file : made_)
        files::remove(file, ignored);
}

outcome<void> node_paths::prepare_requirements(std::string& file) {
    if (!node_is_here_)
        return check_absolute("--requirements", file);
    if (auto good = cli::prepare_requirements(file); !good)
        return good;
    const auto number = descriptor_named(file);
    if (!number)
        return {};
    auto content = content_of(*number, largest_list);
    if (!content)
        return failure(std::move(content).error());
    std::error_code problem;
    const auto folder = files::temp_directory_path(problem);
    if (problem)
        return system_failure(problem.value(), "there is no folder for temporary files");
    auto name = (folder / "gestvenv-requirements-XXXXXX").string();
    descriptor made{::mkstemp(name.data())};
    if (!made)
        return system_failure(errno, fmt::format("cannot make a file in {}", folder.string()));
    made_.emplace_back(name);
    if (!write_all(made.get(), *content))
        return system_failure(errno, fmt::format("cannot write {}", name));
    file = std::move(name);
    return {};
}

outcome<void> node_paths::prepare_project(project_source& project) const {
    return node_is_here_ ? cli::prepare_project(project) : check_absolute("--project", project.folder);
}

outcome<void> node_paths::prepare(environment_spec& environment) {
    if (environment.requirements_file)
        if (auto good = prepare_requirements(*environment.requirements_file); !good)
            return good;
    if (environment.project)
        if (auto good = prepare_project(*environment.project); !good)
            return good;
    return node_is_here_ ? check_no_file_among(environment.packages) : outcome<void>{};
}

} // namespace gestvenv::cli
