// SPDX-License-Identifier: MIT
// uv: resolves and installs from outside, needs nothing in the environment. https://docs.astral.sh/uv/
#pragma once

#include "system/python/backends/backend.hpp"

namespace gestvenv::python {

/// Lives as long as the process.
const package_backend& uv_backend();

} // namespace gestvenv::python
