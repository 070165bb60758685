// SPDX-License-Identifier: MIT
// JSON Schemas (draft 2020-12, as OpenAPI 3.1 has it) of the value types, from the one description that each has (its
// `inspect` template). `schema_of<T>` (net/rest/schema_of.hpp) is one.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace gestvenv::rest {

struct schema_components;

/// Adds what a type consists of to the components and returns its schema, mostly a reference. The components say whether
/// the schema is of a request or of an answer.
using schema_of_type = nlohmann::json (*)(schema_components& components);

} // namespace gestvenv::rest
