// SPDX-License-Identifier: MIT
// The program's version: runtime and launcher must be of the same one.
#pragma once

namespace gestvenv {

inline constexpr const char* program_version = "0.1.0";

} // namespace gestvenv
