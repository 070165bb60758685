// SPDX-License-Identifier: MIT
// Texts without the secrets that may have got into them: what is logged, traced or told goes through here.
#pragma once

#include <string>
#include <string_view>

namespace gestvenv {

/// Puts `****` in the place of
/// - the part before the `@` of a URL's host, and query parameters that carry secrets (system/python/secrets.hpp),
/// - what follows `Bearer ` or `Basic `, and tokens of a node,
/// - what follows the `=` or `:` of a name that names a secret (names_secret),
/// - values that keep_secret() was told.
std::string without_secrets(std::string_view text);

/// Whether a variable, an option or a field of this name holds a secret: `API_TOKEN`, `password`, `AWS_SECRET_ACCESS_KEY`.
bool names_secret(std::string_view name) noexcept;

/// From now on, in this process. Values of less than 6 characters are not looked for: they are in any text. Bounded: the
/// oldest goes first. Thread-safe.
void keep_secret(std::string value);

} // namespace gestvenv
