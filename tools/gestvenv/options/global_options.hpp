// SPDX-License-Identifier: MIT
// The options of the program itself, which stand before or after any command.
#pragma once

#include <stop_token>
#include <string>

namespace gestvenv::cli {

class console;
class option_table;
class termination;

struct global_options {
    bool verbose = false;
    bool offline = false;
    /// The configuration file; empty: the user's own.
    std::string configuration_file;

    /// The console whose command it is, and that goes on after it; null: the command is all that the program does.
    console* in_console = nullptr;
    /// The program's signals, which are the console's then.
    termination* signals = nullptr;
    /// Asked to stop where a console's command is to end before its time.
    std::stop_token interrupted;
};

/// The option that only the program's own help shows.
inline constexpr const char* version_option = "--version";

/// Declares them, with `--version`, which fills nothing. `global` must live until they have been read.
void add_global_options(option_table& table, global_options& global);

} // namespace gestvenv::cli
