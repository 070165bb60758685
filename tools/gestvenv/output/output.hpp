// SPDX-License-Identifier: MIT
// What the program itself writes: asked-for data to standard output, everything else to standard error.
#pragma once

#include <gestvenv/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv::cli {

enum class console_kind : std::uint8_t { none, about_one_environment, about_all };

/// From now on errors, warnings and texts call commands as this console does: without the words of the program. Those that
/// it has not stay as they are: `gestvenv run`, and `gestvenv node` where it is about one environment.
void call_as_in(console_kind where);
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
