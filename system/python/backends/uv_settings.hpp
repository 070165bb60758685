// SPDX-License-Identifier: MIT
// Says to uv in its own variables what the caller has said to pip.
#pragma once

#include "system/python/backends/pip_configuration.hpp"
#include "system/python/tool_command.hpp"

#include <filesystem>
#include <vector>

namespace gestvenv::python {

/// uv's configuration files for a process with these variables: the user's, then the system's.
std::vector<std::filesystem::path>
uv_configuration_files(const variable_map& variables, const std::filesystem::path& system_folder = "/etc");

/// `variables` (of installer_variables()) with uv's names for pip's settings added where uv has none of its
/// own. The index settings (index, further indexes, find-links) are one group: where the caller gave uv any
/// of them, pip's are not added to them. Folders of find-links that do not exist are left out, for uv stops
/// at them and pip does not. With several indexes uv takes the first that knows a package, which is safer
/// than pip's choice of the newest, and is left so.
variable_map with_pip_settings(variable_map variables, const pip_settings& pip);

} // namespace gestvenv::python
