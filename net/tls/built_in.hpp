// SPDX-License-Identifier: MIT
// Whether this program has encryption. OpenSSL's tables are written to at each start (relocations), which costs a program
// of a few milliseconds a tenth of them; so `gestvenv` does without (net/without_tls) and hands what needs it to
// `gestvenv-node`.
#pragma once

namespace gestvenv {

bool has_encryption() noexcept;

} // namespace gestvenv
