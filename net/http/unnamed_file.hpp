// SPDX-License-Identifier: MIT
// Where large bodies lie while a request is read.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <string_view>

namespace gestvenv::http {

/// A file without a name in TMPDIR or /tmp: it is gone with its last descriptor.
outcome<descriptor> unnamed_file();
/// All of `bytes`.
outcome<void> write_to(const descriptor& file, std::string_view bytes);
void rewind(const descriptor& file) noexcept;

} // namespace gestvenv::http
