// SPDX-License-Identifier: MIT
// The target of a request, decoded (RFC 9112, section 3.2; RFC 3986).
#pragma once

#include <tl/expected.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::http {

struct decoded_target {
    std::vector<std::string> path;
    std::map<std::string, std::string> query;
};

/// Takes `/path?query`, `http://host/path?query` and `*`. The error says which rule the target breaks. Refused are, in
/// the path: empty parts, `.` and `..`, slashes and control characters that were encoded; in the query: a
/// key that is empty or comes twice, NUL; in both: a wrong `%XX`, what is no UTF-8, and a fragment.
tl::expected<decoded_target, std::string> decode_target(std::string_view target);

/// One part of a path or a query, so that `decode_target` gives it back.
std::string encode_part(std::string_view text);

} // namespace gestvenv::http
