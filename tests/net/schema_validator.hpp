// SPDX-License-Identifier: MIT
// Whether a value is as a JSON Schema (draft 2020-12) says: the keywords that net/rest uses, and no other.
#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <string>

namespace gestvenv::test {

/// What is wrong, with its place; empty: nothing. A keyword that is not known here is wrong too.
std::string schema_violation(const nlohmann::json& schema, const nlohmann::json& value,
                             const std::map<std::string, nlohmann::json>& components);

} // namespace gestvenv::test
