// SPDX-License-Identifier: MIT
// What others do in place of an environment of ours: a venv in the scratch folder.
#pragma once

#include "tools/bench/row.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gestvenv::bench {

/// `uv venv` of the shared interpreter; nothing of the machine's configuration, no network. Needs
/// `shared.uv`.
std::vector<std::string> uv_venv(const context& shared, const std::filesystem::path& folder);

/// `python -m venv --without-pip` of the shared interpreter.
std::vector<std::string> python_venv(const context& shared, const std::filesystem::path& folder);

} // namespace gestvenv::bench
