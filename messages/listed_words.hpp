// SPDX-License-Identifier: MIT
// Words and counts as a sentence has them: `a, b or c`, `three`.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gestvenv {

/// With commas between them, and `last` before the last: `or`, `and`.
std::string listed(std::span<const std::string_view> words, std::string_view last);

/// `zero` to `twelve`, then digits.
std::string in_words(std::size_t count);

} // namespace gestvenv
