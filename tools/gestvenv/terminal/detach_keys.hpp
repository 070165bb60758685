// SPDX-License-Identifier: MIT
// The keys by which a terminal session is left, among those that are typed for its program.
#pragma once

#include "messages/outcome.hpp"

#include <string>
#include <string_view>

namespace gestvenv::cli {

/// As `docker attach --detach-keys` has them: keys with commas between, each a character or `ctrl-` and a letter or one
/// of `[ \ ] ^ _`.
outcome<std::string> parse_detach_keys(const std::string& option, const std::string& text);

inline constexpr const char* usual_detach_keys = "ctrl-p,ctrl-q";

class detach_keys {
public:
    /// `wanted` as parse_detach_keys() makes it, not empty.
    explicit detach_keys(std::string wanted) : wanted_(std::move(wanted)) {}

    /// Adds to `passed` what is for the program. What may be the beginning of the keys is held back until the next
    /// one. True: all of them were typed.
    bool read(std::string_view typed, std::string& passed);

private:
    std::string wanted_;
    std::string held_;
};

} // namespace gestvenv::cli
