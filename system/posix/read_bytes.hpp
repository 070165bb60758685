// SPDX-License-Identifier: MIT
// Reads what a descriptor gives, up to a bound.
#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <string>

namespace gestvenv {

/// From the descriptor's position to the end, at most `most` bytes: who wants to know whether there are more allows for
/// one more. The error is errno.
tl::expected<std::string, int> read_bytes(int descriptor, std::size_t most);

} // namespace gestvenv
