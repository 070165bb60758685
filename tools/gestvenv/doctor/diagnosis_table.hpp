// SPDX-License-Identifier: MIT
// A diagnosis for people.
#pragma once

#include "tools/gestvenv/doctor/diagnosis.hpp"

#include <string>

namespace gestvenv::cli {

/// Sections of columns; what is missing has a number, and below everything stands each reason once, with
/// what supplies it.
std::string as_table(const diagnosis& found);

} // namespace gestvenv::cli
