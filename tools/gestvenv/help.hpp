// SPDX-License-Identifier: MIT
// The help of a command, from the same table of options that is parsed.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace gestvenv::cli {

/// Our own layout: CLI11's differs between its versions. `operands` is what follows the options, as the usage
/// shows it.
std::string help_text(const CLI::App& app, const std::string& operands);

} // namespace gestvenv::cli
