// SPDX-License-Identifier: MIT
// Whether environments can be made with a value before it is written down: by making one.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/runtime_config.hpp>

#include <string_view>

namespace gestvenv::cli {

/// What this machine and this version make of `changed`, which differs from `before` in `key` alone. Where
/// nothing can be made with `before` either, the value is not to blame, and a warning says so. Error:
/// invalid_argument.
outcome<void> try_value(const runtime_config& before, const runtime_config& changed, std::string_view key);

} // namespace gestvenv::cli
