// SPDX-License-Identifier: MIT
// A command as one line of text: split into arguments as a POSIX shell would, without running one; and back,
// for display.
#pragma once

#include "messages/outcome.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// Splits `text` into a program and its arguments by the quoting rules of POSIX.1-2017, "Shell Command
/// Language" 2.2: backslash, single quotes, double quotes, a backslash before a newline joins lines. Nothing
/// is expanded.
///
/// What a shell would give a meaning that running without one silently loses is error_code::invalid_argument
/// with a hint at `shell=true`, and with its place (characters counted from 1), never the text, which may
/// hold a secret:
/// - unquoted `; | & < > ( )` and a newline between words (one at either end is white space)
/// - `` ` ``, and `$` before a name, a digit, `{`, `(`, `[` or one of `@ * # ? $ ! -`, unquoted or in double
/// quotes;
///   unquoted also `$'` and `$"`. Any other `$` stands for itself, as in `^a$`
/// - a word that begins with an unquoted `#`, or with `~` alone or before `/` or a letter
/// - an assignment before the program, as in `A=1 program`
/// Patterns (`*`, `?`, `[`) and braces reach the program as they are, as in a shell where nothing matches: a
/// requirement such as `django==4.*` or `requests[socks]` needs no quotes.
///
/// Unterminated quotes, a backslash at the very end, NUL, and a text without any word are errors too. The
/// result has at least one element; elements may be empty (`''`). Bytes above 127 pass unchanged.
/// Thread-safe.
outcome<std::vector<std::string>> split_command(std::string_view text);

/// The arguments as one line that `split_command`, and any POSIX shell, splits into the same arguments again.
/// Quotes only where needed. Arguments that hold a newline are quoted over several lines.
std::string quote_command(std::span<const std::string> arguments);

} // namespace gestvenv
