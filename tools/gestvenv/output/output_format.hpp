// SPDX-License-Identifier: MIT
// In which form a command prints what it was asked for.
#pragma once

#include "tools/gestvenv/options/option_table.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace gestvenv::cli {

enum class output_format : std::uint8_t { table, json };

constexpr std::string_view to_string(output_format value) noexcept {
    return value == output_format::table ? "table" : "json";
}

inline void add_format_option(option_table& table, output_format& target) {
    add_choice(table, {"--format", "FORMAT", "table (default) or json", "options"}, target,
               std::array{output_format::table, output_format::json});
}

} // namespace gestvenv::cli
