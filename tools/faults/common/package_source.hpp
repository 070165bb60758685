// SPDX-License-Identifier: MIT
// What the programs under test install, and with what: a wheel of a few lines in a folder, and the uv of this
// machine where any user finds it.
#pragma once

#include <filesystem>
#include <string>

namespace gestvenv::faults {

/// Makes both below `folder`. Throws std::runtime_error, with what to do about it.
void make_package_source(const std::filesystem::path& folder);

/// The requirement (PEP 508) that is the wheel below `folder`.
std::string demo_requirement(const std::filesystem::path& folder);

/// The folder with `bin/uv`, for GESTVENV_TOOLS.
std::filesystem::path demo_tools(const std::filesystem::path& folder);

} // namespace gestvenv::faults
