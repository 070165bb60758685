// SPDX-License-Identifier: MIT
// Takes passwords out of texts that people will read.
#pragma once

#include <string>
#include <string_view>

namespace gestvenv::python {

/// `text` with the part before the `@` of every URL's host (`https://user:password@host`), and the values
/// of query parameters that carry secrets (`token`, `password`, `secret`, `key`, `signature` and the like),
/// replaced by
/// `****`. The user `git` of an ssh URL stays.
std::string without_secrets(std::string_view text);

/// `text` as it can stand in one line of a message: without secrets, control characters escaped, cut after
/// 80 characters.
std::string redacted(std::string_view text);

} // namespace gestvenv::python
