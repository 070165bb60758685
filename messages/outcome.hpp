// SPDX-License-Identifier: MIT
// A value or the error that took its place: how a function inside the program fails.
#pragma once

#include <gestvenv/error.hpp>

#include <tl/expected.hpp>

#include <string>

namespace gestvenv {

template <class T>
using outcome = tl::expected<T, error>;

/// `return failure(error_code::storage_full, "the disk is full", "free some space");`
inline tl::unexpected<error> failure(error_code code, std::string message, std::string hint = {}) {
    return tl::unexpected<error>{error{code, std::move(message), {}, std::move(hint)}};
}

/// Passes on the error of another outcome.
inline tl::unexpected<error> failure(error value) {
    return tl::unexpected<error>{std::move(value)};
}

} // namespace gestvenv
