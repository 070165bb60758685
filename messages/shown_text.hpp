// SPDX-License-Identifier: MIT
// What a user wrote, quoted in a message.
#pragma once

#include <string>
#include <string_view>

namespace gestvenv {

/// `text` in backquotes, short enough for a message and without anything that would move a terminal's cursor.
std::string shown(std::string_view text);

} // namespace gestvenv
