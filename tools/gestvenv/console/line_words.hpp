// SPDX-License-Identifier: MIT
// The commands in what is typed or stands in a script, and the words of an unfinished one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// Whether more belongs to it: a quote is open, or a backslash is the last character.
bool is_unfinished(std::string_view text);

/// The commands in `text`: between newlines and semicolons that are not quoted, without comments (a word that begins with
/// an unquoted `#`, to the end of its line) and without empty ones. Each is as split_command() takes it.
std::vector<std::string> commands_in(std::string_view text);

/// The words of the last command in `text`, the last of them unfinished; for completion.
struct typed_words {
    /// Without their quotes.
    std::vector<std::string> before;
    std::string last;
    /// Whether `last` has a quote or a backslash in it.
    bool is_quoted = false;
};

typed_words typed_words_in(std::string_view text);

} // namespace gestvenv::cli
