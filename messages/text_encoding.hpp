// SPDX-License-Identifier: MIT
// Bytes that may not be text: what JSON needs to carry paths and program output, which need not be UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gestvenv {

/// Whether all of `bytes` is well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF
/// (Unicode 15, table 3-7).
bool is_utf8(std::string_view bytes) noexcept;

/// `bytes` with every maximal ill-formed part replaced by U+FFFD, as Unicode 15 recommends (section 3.9).
std::string replace_invalid_utf8(std::string_view bytes);

/// Base64 with padding (RFC 4648, section 4).
std::string to_base64(std::string_view bytes);

/// The bytes that `text` encodes; nothing when it is not base64 as `to_base64` writes it.
std::optional<std::string> from_base64(std::string_view text);

} // namespace gestvenv
