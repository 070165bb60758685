// SPDX-License-Identifier: MIT
#pragma once

#include "messages/outcome.hpp"

#include <string>
#include <string_view>

namespace gestvenv {

/// SHA-256 (FIPS 180-4) in lower-case hexadecimal. Thread-safe.
outcome<std::string> sha256_of(std::string_view text);

} // namespace gestvenv
