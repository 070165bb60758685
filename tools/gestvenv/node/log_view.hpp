// SPDX-License-Identifier: MIT
// The end of a log file, as tail(1) shows it.
#pragma once

#include <filesystem>

namespace gestvenv::cli {

/// Prints the last `lines` lines; with `follow` also those that come, until the program is told to end. Returns the exit
/// status.
int show_log(const std::filesystem::path& path, int lines, bool follow);

} // namespace gestvenv::cli
