// SPDX-License-Identifier: MIT
// Environment markers of PEP 508: `python_version < "3.9" and sys_platform == "linux"`. Syntax only; nothing
// is evaluated.
#pragma once

#include "system/python/syntax_cursor.hpp"

namespace gestvenv::python {

/// Reads a marker up to the end of the text. False, with the cursor's problem set, where it is none.
bool parse_marker(syntax_cursor& cursor);

} // namespace gestvenv::python
