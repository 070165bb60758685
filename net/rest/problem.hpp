// SPDX-License-Identifier: MIT
// Errors as problem documents (RFC 9457, application/problem+json), and back.
//
//     {"type": "about:blank", "title": "Not Found", "status": 404,
//      "detail": "no environment is named 'x'", "code": "environment_not_found",
//      "exception": "EnvironmentNotFoundException", "environment": "x", "hint": "..."}
//
// `code` is the spelling of the error_code, `exception` the class that the Python documents name. A teardown that left
// residue has `receipt`, a command that was ended for its timeout `result`.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/message.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace gestvenv::rest {

int status_of(error_code code) noexcept;
/// `EnvironmentNotFoundException`, ...
std::string_view exception_name_of(error_code code) noexcept;
/// The reason phrase of RFC 9110; empty for a status that is not used here.
std::string_view title_of(int status) noexcept;

http::response problem(const error& what);
/// With members beside the usual ones.
http::response problem(const error& what, const nlohmann::json& more);
/// Where there is no error_code for it: a method that a path does not have, a body of another type.
http::response problem(int status, std::string_view detail, std::string_view hint = {});

} // namespace gestvenv::rest
