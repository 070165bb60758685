// SPDX-License-Identifier: MIT
// poetry: resolves in a scratch project of its own and installs what it found. https://python-poetry.org/
#pragma once

#include "system/python/backends/backend.hpp"

namespace gestvenv::python {

/// Lives as long as the process.
const package_backend& poetry_backend();

} // namespace gestvenv::python
