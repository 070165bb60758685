// SPDX-License-Identifier: MIT
// pdm: resolves in a scratch project of its own and installs what it found. https://pdm-project.org/
#pragma once

#include "system/python/backends/backend.hpp"

namespace gestvenv::python {

/// Lives as long as the process.
const package_backend& pdm_backend();

} // namespace gestvenv::python
