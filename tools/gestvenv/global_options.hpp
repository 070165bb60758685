// SPDX-License-Identifier: MIT
// The options of the program itself, which stand before or after any command.
#pragma once

#include <string>

namespace gestvenv::cli {

class option_table;

struct global_options {
    bool verbose = false;
    bool offline = false;
    /// The configuration file; empty: the user's own.
    std::string configuration_file;
};

/// The option that only the program's own help shows.
inline constexpr const char* version_option = "--version";

/// Declares them, with `--version`, which fills nothing. `global` must live until they have been read.
void add_global_options(option_table& table, global_options& global);

} // namespace gestvenv::cli
