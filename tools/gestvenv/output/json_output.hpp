// SPDX-License-Identifier: MIT
// JSON as commands print it.
#pragma once

#include "messages/json.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace gestvenv::cli {

/// Readable for people, too, with a newline at its end. What is not UTF-8 is replaced.
inline std::string json_text(const nlohmann::json& value) {
    return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// The same in one line, for streams of objects.
inline std::string json_line(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace gestvenv::cli
