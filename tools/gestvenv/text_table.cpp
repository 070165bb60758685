// SPDX-License-Identifier: MIT
#include "tools/gestvenv/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace gestvenv::cli {

std::string text_table(const std::vector<text_row>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& cells : rows) {
        widths.resize(std::max(widths.size(), cells.size()));
        for (std::size_t column = 0; column < cells.size(); ++column)
            widths[column] = std::max(widths[column], cells[column].size());
    }
    std::string text;
    for (const auto& cells : rows) {
        std::string line;
        for (std::size_t column = 0; column < cells.size(); ++column)
            line += fmt::format("  {:<{}}", cells[column], widths[column]);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

} // namespace gestvenv::cli
