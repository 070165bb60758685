// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node/node_paths.hpp"

#include "system/posix/descriptor_name.hpp"
#include "tools/gestvenv/ephemeral/creation_preflight.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/run/passed_descriptors.hpp"

#include <fmt/format.h>

#include <cstddef>
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
    auto made = temporary_list::make(*content);
    if (!made)
        return failure(std::move(made).error());
    file = made->path().string();
    made_.push_back(std::move(*made));
    return {};
}

outcome<void> node_paths::prepare_project(project_source& project) const {
    return node_is_here_ ? cli::prepare_project(project) : check_absolute("--project", project.folder);
}

outcome<void> node_paths::prepare(environment_spec& environment) {
    if (environment.requirements_file)
        if (auto good = prepare_requirements(*environment.requirements_file); !good)
            return good;
    for (auto& file : environment.requirements_files)
        if (auto good = prepare_requirements(file); !good)
            return good;
    if (environment.project)
        if (auto good = prepare_project(*environment.project); !good)
            return good;
    return node_is_here_ ? check_no_file_among(environment.packages) : outcome<void>{};
}

} // namespace gestvenv::cli
