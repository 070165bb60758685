// SPDX-License-Identifier: MIT
// The end of a message's head, found while it arrives (RFC 9112, sections 2 and 5).
#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv::http {

/// A rule that a message breaks, and the status that says so.
struct fault {
    int status = 400;
    std::string what;
};

/// Finds the end of a head while it arrives, and refuses what servers before this one may have read otherwise:
/// a bare CR or LF, folded fields, control characters.
class head_scanner {
public:
    /// The size of the head with the empty line that ends it; unset: more is to come. `arrived` is all that has
    /// arrived of it.
    tl::expected<std::optional<std::size_t>, fault> scan(std::string_view arrived);

private:
    std::size_t seen_ = 0;
    std::size_t line_ = 0;
};

} // namespace gestvenv::http
