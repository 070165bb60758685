// SPDX-License-Identifier: MIT
// The end of a log file, as tail(1) shows it.
#pragma once

#include <filesystem>
#include <stop_token>

namespace gestvenv::cli {

/// Prints the last `lines` lines; with `follow` also those that come, until the program is told to end, or `interrupted`.
/// Returns the exit status.
int show_log(const std::filesystem::path& path, int lines, bool follow, const std::stop_token& interrupted);

} // namespace gestvenv::cli
