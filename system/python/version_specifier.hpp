// SPDX-License-Identifier: MIT
// Version specifiers of PEP 440: `>=1.0, !=1.3.*`. Syntax only; nothing is compared.
#pragma once

#include "system/python/requirement.hpp"
#include "system/python/syntax_cursor.hpp"

#include <vector>

namespace gestvenv::python {

/// Reads clauses separated by commas into `clauses`; stops before what is none, so that no clause at all is
/// fine. False, with the cursor's problem set, where a comparison is not followed by a version that it takes.
bool parse_version_specifiers(syntax_cursor& cursor, std::vector<version_clause>& clauses);

} // namespace gestvenv::python
