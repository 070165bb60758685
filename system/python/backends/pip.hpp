// SPDX-License-Identifier: MIT
// pip, from outside the environment: the tools folder's with `--python`, or for an interpreter too old for it
// the wheel that came with that interpreter. https://pip.pypa.io/
#pragma once

#include "system/python/backends/backend.hpp"

namespace gestvenv::python {

/// Lives as long as the process.
const package_backend& pip_backend();

} // namespace gestvenv::python
