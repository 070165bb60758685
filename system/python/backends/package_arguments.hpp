// SPDX-License-Identifier: MIT
// How requested packages get to a tool.
#pragma once

#include "system/python/backends/backend.hpp"
#include "system/python/tool_command.hpp"

namespace gestvenv::python {

/// As arguments; where a URL has a password in it, as a requirements file on standard input: every user of the machine
/// can read the arguments of a process. If standard input is taken already, they are arguments all the same.
void add_packages(const backend_request& request, tool_command& command);

} // namespace gestvenv::python
