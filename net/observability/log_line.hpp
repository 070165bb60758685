// SPDX-License-Identifier: MIT
// A line of a node's log, as people and as programs read it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv {

enum class log_level : std::uint8_t { debug, info, warning, error };
enum class log_format : std::uint8_t { text, json };

std::string_view to_string(log_level value) noexcept;
bool from_string(std::string_view text, log_level& value) noexcept;
std::string_view to_string(log_format value) noexcept;
bool from_string(std::string_view text, log_format& value) noexcept;

struct log_line {
    log_level level = log_level::info;
    std::chrono::system_clock::time_point at;
    std::string message;
    /// In hexadecimal; empty: it belongs to no trace.
    std::string trace;
    std::string span;
    std::string operation;
    std::string environment_id;
    std::string environment_name;
    std::vector<std::pair<std::string, std::string>> fields;
};

/// One line without its end, without secrets, and without characters that control a terminal; at most `longest_line`
/// bytes of each text.
std::string write_line(const log_line& line, log_format format);

inline constexpr std::size_t longest_line = 8'192;

} // namespace gestvenv
