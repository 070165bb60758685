// SPDX-License-Identifier: MIT
// What `pip` is in an environment without one: a program that says so. Else it would be the machine's, which
// installs elsewhere.
#pragma once

#include "system/python/venv_layout.hpp"

namespace gestvenv {

/// The folder beside the virtual environment's, which stands behind its `bin` in PATH.
inline constexpr const char* notices_folder = "notices";

/// That folder with `pip`, `pip3` and `pip3.12`, for an environment of this layout, as a layout of its own.
python::venv_layout pip_notice(const python::venv_layout& environment);

} // namespace gestvenv
