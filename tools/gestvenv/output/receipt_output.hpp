// SPDX-License-Identifier: MIT
// A teardown receipt, for other programs and for people.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/teardown_receipt.hpp>

#include <string>

namespace gestvenv::cli {

/// Three or four lines that say what was removed and what is left, for --verbose; no final
/// newline.
std::string readable(const teardown_receipt& receipt);

/// As JSON into the file `where`, or to standard error when it is `-`.
outcome<void> write_receipt(const std::string& where, const teardown_receipt& receipt);

} // namespace gestvenv::cli
