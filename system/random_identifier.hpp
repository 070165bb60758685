// SPDX-License-Identifier: MIT
// Identifiers that cannot be guessed and need no registry.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gestvenv {

/// A random UUID (RFC 9562, version 4) from getrandom(2), in lower case.
std::string random_identifier();

/// Of the same source; 256 bytes at most.
void fill_with_random_bytes(std::span<std::uint8_t> place);

/// Whether `text` has the form of one: no file has such a name by chance.
bool is_identifier(std::string_view text) noexcept;

} // namespace gestvenv
