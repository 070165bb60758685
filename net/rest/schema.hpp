// SPDX-License-Identifier: MIT
// JSON Schemas (draft 2020-12, as OpenAPI 3.1 has it) of the value types, from the one description that each has (its
// `inspect` template).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <string_view>

namespace gestvenv::rest {

/// Named schemas that others refer to (`#/components/schemas/NAME`).
using schema_components = std::map<std::string, nlohmann::json>;

/// Adds what a type consists of to the components and returns its schema, mostly a reference.
using schema_of_type = nlohmann::json (*)(schema_components& components);

} // namespace gestvenv::rest
