// SPDX-License-Identifier: MIT
// The tables [log] and [traces] of the configuration file, which are read by a node and a command line, and by no
// runtime.
#pragma once

#include "messages/outcome.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// Empty texts: not set.
struct log_configuration {
    std::string format;
    std::string level;
    std::string file;
    /// In bytes.
    std::optional<std::int64_t> largest_file;
    std::optional<std::int64_t> files;
};

struct trace_configuration {
    std::string endpoint;
    std::string headers_file;
    std::string service_name;
};

struct observability_configuration {
    log_configuration log;
    trace_configuration traces;
};

/// The names of these tables.
bool is_observability_table(std::string_view name) noexcept;

/// Takes one key of one of them. invalid_argument for an unknown key and a value that is not accepted.
outcome<void> take_observability_value(observability_configuration& result, std::string_view table,
                                       std::string_view key, const nlohmann::json& value);

/// Of the file that load_configuration() would read for `file`.
outcome<observability_configuration> read_observability_configuration(const std::filesystem::path& file);

} // namespace gestvenv
