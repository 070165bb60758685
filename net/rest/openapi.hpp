// SPDX-License-Identifier: MIT
// The interface as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), from the table of routes and the
// schemas of what they take and answer.
#pragma once

#include "net/rest/router.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace gestvenv::rest {

/// `version` is the program's.
nlohmann::json openapi_document(const router& routes, std::string_view version);

} // namespace gestvenv::rest
