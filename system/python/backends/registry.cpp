// SPDX-License-Identifier: MIT
#include "system/python/backends/registry.hpp"

#include "system/python/backends/pdm.hpp"
#include "system/python/backends/pip.hpp"
#include "system/python/backends/poetry.hpp"
#include "system/python/backends/uv.hpp"

#include <fmt/format.h>

namespace gestvenv::python {

const std::vector<const package_backend*>& all_backends() {
    static const std::vector<const package_backend*> backends{
        &uv_backend(),
        &pip_backend(),
        &pdm_backend(),
        &poetry_backend(),
    };
    return backends;
}

std::vector<backend> backend_kinds() {
    std::vector<backend> kinds;
    for (const auto* one : all_backends())
        kinds.push_back(one->kind());
    return kinds;
}

outcome<const package_backend*> find_backend(backend kind) {
    std::string known;
    for (const auto* candidate : all_backends()) {
        if (candidate->kind() == kind)
            return candidate;
        known += known.empty() ? "" : ", ";
        known += candidate->name();
    }
    return failure(error_code::backend_not_found,
                   fmt::format("this version cannot install with {} yet", to_string(kind)),
                   fmt::format("choose one of: {}", known));
}

outcome<const package_backend*> choose_backend(backend kind, const tools_folder& tools,
                                               const std::optional<project_source>& project) {
    if (kind != backend::automatic)
        return find_backend(kind);
    // A lock that is there and not followed would be worse than an error: its tool may be missing.
    for (const auto* candidate : all_backends())
        if (project && has_lock(*project, candidate->lock_file()))
            return candidate;
    std::string tried;
    for (const auto* candidate : all_backends()) {
        if (find_tool(tools, candidate->name()))
            return candidate;
        tried += tried.empty() ? "" : ", ";
        tried += candidate->name();
    }
    return failure(error_code::backend_not_found,
                   fmt::format("nothing is there that could install packages (looked for {})", tried),
                   "tools/bootstrap installs all of them");
}

} // namespace gestvenv::python
