// SPDX-License-Identifier: MIT
// A pyproject.toml, as it is read before an installer reads it.
#include "tools/fuzzing/check.hpp"

#include "system/python/project_file.hpp"

#include <vector>

using namespace gestvenv;
using namespace gestvenv::fuzzing;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto project = python::parse_project_file(as_text(data, size), "pyproject.toml");
    if (!project) {
        require_told(project.error());
        return 0;
    }
    std::vector<std::string> extras;
    for (const auto& [name, items] : project->extras)
        extras.push_back(name);
    auto all = python::dependencies_of(*project, extras);
    require(all.size() >= project->dependencies.size(), "extras add to what is needed");
    return 0;
}
