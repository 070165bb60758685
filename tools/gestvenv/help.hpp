// The help of a command, from the same table of options that is parsed.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace gestvenv::cli {

/// Our own layout: CLI11's differs between its versions.
std::string help_text(const CLI::App& app);

} // namespace gestvenv::cli
