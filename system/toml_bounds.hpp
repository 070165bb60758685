// SPDX-License-Identifier: MIT
// What a text may hold before the TOML library sees it.
#pragma once

#include "messages/outcome.hpp"

#include <string_view>

namespace gestvenv {

/// The library takes a table apart by recursion, one level for every part of a key `a.b.c` and every bracket,
/// and goes back only so far when it looks what a number is. A text beyond that is invalid_argument; whether
/// it is TOML at all is not looked at. `name` is the file's, for messages.
outcome<void> check_toml_bounds(std::string_view text, std::string_view name);

} // namespace gestvenv
