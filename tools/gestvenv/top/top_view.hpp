// SPDX-License-Identifier: MIT
// The lines of `gestvenv ephemeral top`, as text.
#pragma once

#include "tools/gestvenv/top/top_model.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace gestvenv::cli {

/// What has a place in lines of a width: the fewer columns there are, the less.
struct top_layout {
    std::size_t name = 0;
    bool has_status = false;
    bool has_age = false;
    bool has_disk = false;
    /// Of each graph; 0: there is none.
    std::size_t graph = 0;
    /// Graphs in blocks, else in ASCII.
    bool blocks = true;
};

top_layout layout_for(std::size_t width, bool blocks);

/// With a mark at the column that orders: `v`, or reversed `^`.
std::string top_heading(const top_layout& layout, const top_model& model);
std::string top_line(const top_layout& layout, const top_row& row, std::chrono::system_clock::time_point now);

/// All environments together: numbers, and a line with their graphs.
std::string top_summary(const top_model& model);
std::string top_graphs(const top_model& model, std::size_t width, bool blocks);

/// Heading and all rows, once.
std::string top_table(const top_model& model, std::size_t width, std::chrono::system_clock::time_point now);

} // namespace gestvenv::cli
