// SPDX-License-Identifier: MIT
#include "runtime/host_paths.hpp"

#include "system/python/backends/project.hpp"

#include <gestvenv/exceptions.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace gestvenv {

std::string checked_requirements_file(const std::string& path) {
    auto refuse = [&path](const std::string& why) {
        throw_as_exception({error_code::invalid_argument,
                            "the requirements file '" + path + "' " + why,
                            {},
                            "give the path of a readable text file"});
    };
    std::error_code problem;
    auto status = std::filesystem::status(path, problem);
    if (!std::filesystem::exists(status))
        refuse("does not exist");
    if (!std::filesystem::is_regular_file(status))
        refuse("is not a file");
    if (::access(path.c_str(), R_OK) != 0)
        refuse(std::string{"cannot be read: "} + std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    return std::filesystem::absolute(path).string();
}

project_source checked_project(project_source project) {
    project.folder = std::filesystem::absolute(project.folder).lexically_normal().string();
    if (auto good = python::check_project(project); !good)
        throw_as_exception(good.error());
    return project;
}

std::optional<std::string> absolute_interpreter(std::optional<std::string> wanted) {
    if (wanted && wanted->find('/') != std::string::npos)
        return std::filesystem::absolute(*wanted).lexically_normal().string();
    return wanted;
}

environment_spec checked_specification(environment_spec spec) {
    if (spec.requirements_file)
        spec.requirements_file = checked_requirements_file(*spec.requirements_file);
    for (auto& file : spec.requirements_files)
        file = checked_requirements_file(file);
    if (spec.project)
        spec.project = checked_project(std::move(*spec.project));
    spec.python_version = absolute_interpreter(std::move(spec.python_version));
    return spec;
}

void throw_if_residue(const teardown_receipt& receipt) {
    if (receipt.clean())
        return;
    std::string names;
    for (const auto& item : receipt.residue)
        names += (names.empty() ? "" : ", ") + item.kind + " " + item.name + " (" + item.why + ")";
    throw cleanup_exception{{error_code::cleanup_incomplete, "teardown left something behind: " + names,
                             receipt.environment_name,
                             "it is being tried again; what stays is named in list"},
                            receipt};
}

} // namespace gestvenv
