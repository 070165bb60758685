// SPDX-License-Identifier: MIT
// Columns of text, as wide as they have to be, or as there is room for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gestvenv::cli {

using text_row = std::vector<std::string>;

/// A line for each row, each cell behind two spaces; rows need not have the same number of cells. Where the lines would be
/// longer than `width` (0: any), the widest columns are cut, each cut cell with `…` at its end.
std::string text_table(const std::vector<text_row>& rows, std::size_t width = 0);

/// The width of the terminal that standard output is; 0: it is none.
std::size_t output_width() noexcept;

} // namespace gestvenv::cli
