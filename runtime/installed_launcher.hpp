// SPDX-License-Identifier: MIT
// The launcher of the package that the host was built with.
#pragma once

#include <filesystem>

namespace gestvenv {

/// Empty where the host was built without the package.
std::filesystem::path installed_launcher();

} // namespace gestvenv
