// SPDX-License-Identifier: MIT
// The supervision tree for people.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace gestvenv::cli {

/// Of what `runtime::tree` and `client::tree` return, a line for each actor and environment.
std::string tree_text(const nlohmann::json& tree);

} // namespace gestvenv::cli
