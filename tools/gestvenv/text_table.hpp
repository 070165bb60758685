// SPDX-License-Identifier: MIT
// Columns of text, as wide as they have to be.
#pragma once

#include <string>
#include <vector>

namespace gestvenv::cli {

using text_row = std::vector<std::string>;

/// A line for each row, each cell behind two spaces; rows need not have the same number of cells.
std::string text_table(const std::vector<text_row>& rows);

} // namespace gestvenv::cli
