// SPDX-License-Identifier: MIT
// What the program itself writes: asked-for data to standard output, everything else to standard error.
#pragma once

#include <gestvenv/error.hpp>

#include <string>
#include <string_view>

namespace gestvenv::cli {

/// How commands are called from now on, in errors, warnings and texts: where a console calls them without the words of the
/// program, these words are left out.
void leave_out(std::string_view words);
std::string as_called(std::string_view text);

/// All of `text`, whatever the descriptor is; false with errno when it cannot be written.
bool write_all(int descriptor, std::string_view text) noexcept;

/// To standard output. A reader that has gone away is as good as one that has read; anything else is an
/// error. Returns the exit status.
int print(std::string_view text);

/// `error: ...`, and where there is one a blank line and `hint: ...`, to standard error. What would move a
/// terminal's cursor, such as the colours of an installer, is left out.
void print_error(const error& value);

/// One line that changes nothing of the exit status: `warning: ...`, to standard error.
void print_warning(std::string_view text);

/// One line for --verbose.
void print_log(std::string_view line);

} // namespace gestvenv::cli
