// SPDX-License-Identifier: MIT
// A console on a terminal: a prompt, a line, its commands, and the next prompt.
#pragma once

#include "tools/gestvenv/console/console.hpp"

#include <filesystem>
#include <string>

namespace gestvenv::cli {

struct conversation_settings {
    /// Shown where no environment is used.
    std::string name;
    /// Of lines that were typed; empty: none is kept.
    std::filesystem::path history;
};

/// Whether standard input and output are a terminal.
bool is_at_terminal() noexcept;

/// Until Ctrl-D, `exit`, or a signal. Returns the exit status.
int talk(console& with, const conversation_settings& settings);

} // namespace gestvenv::cli
