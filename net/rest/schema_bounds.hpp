// SPDX-License-Identifier: MIT
// What messages/validation.hpp accepts, as keywords of JSON Schema, as far as they can say it.
//
// They cannot say: what bytes are (a length counts characters here), how much several fields need together, whether a text
// can be split as a shell would, what a requirement is (PEP 508), and that threads are at least as many as processes.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace gestvenv::rest {

/// Adds the bounds of a field of a request to its schema.
void bound_field(std::string_view type, std::string_view field, nlohmann::json& schema);

/// Adds what holds between the fields of a request, and which of them have no acceptable default.
void bound_structure(std::string_view type, nlohmann::json& schema);

} // namespace gestvenv::rest
