// SPDX-License-Identifier: MIT
// A diagnosis for programs. docs/doctor.md describes the keys.
#pragma once

#include "tools/gestvenv/doctor/diagnosis.hpp"

#include <string>

namespace gestvenv::cli {

/// One object, with a final newline.
std::string as_json(const diagnosis& found);

} // namespace gestvenv::cli
