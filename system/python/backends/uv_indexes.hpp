// SPDX-License-Identifier: MIT
// Which of pip's index settings hold for uv: those of a project, of a requirements file and of a lock are
// nearer to what is installed.
#pragma once

#include "system/python/backends/backend.hpp"
#include "system/python/backends/pip_configuration.hpp"

#include <filesystem>

namespace gestvenv::python {

/// pip's settings for `request`, without its index settings (index, further indexes, find-links, no-index)
/// where there is a uv.toml of the user's or the system's, or where the project names an index in place of
/// PyPI. Where the project names further ones, pip's further ones are left out; where a requirements file
/// names an index (`-i`), both that and further ones are, as pip has it. Where the project has a uv.lock,
/// there are left, as further indexes, those of the lock for which pip has an account.
pip_settings pip_settings_beside_uv(const backend_request& request,
                                    const std::filesystem::path& system_folder = "/etc");

} // namespace gestvenv::python
