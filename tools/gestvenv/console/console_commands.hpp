// SPDX-License-Identifier: MIT
// The commands of consoles: those of `gestvenv ephemeral`, and those that only a console has.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

/// Of `gestvenv console`.
extern const command console_commands;
/// Of `gestvenv ephemeral create --interactive`, which is about one environment.
extern const command interactive_commands;

extern const command console_use_command;
extern const command console_run_command;
extern const command console_info_command;
extern const command console_history_command;
extern const command console_help_command;
extern const command console_exit_command;
extern const command console_tree_command;
extern const command console_events_command;
extern const command console_watch_command;

} // namespace gestvenv::cli
