// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/console_commands.hpp"

#include "tools/gestvenv/config/config_command.hpp"
#include "tools/gestvenv/doctor/doctor_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_attach_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_cleanup_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_copy_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_create_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_exec_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_list_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_logs_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_package_commands.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_ps_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_shell_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_show_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_stats_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_top_command.hpp"
#include "tools/gestvenv/node/node_command.hpp"
#include "tools/gestvenv/node/token_command.hpp"

#include <array>

namespace gestvenv::cli {

namespace {

// In the order of the help.
constexpr std::array all{
    &ephemeral_create_command,
    &console_use_command,
    &console_run_command,
    &ephemeral_exec_command,
    &ephemeral_shell_command,
    &ephemeral_attach_command,
    &ephemeral_install_command,
    &ephemeral_uninstall_command,
    &ephemeral_packages_command,
    &ephemeral_copy_command,
    &ephemeral_list_command,
    &ephemeral_show_command,
    &ephemeral_logs_command,
    &ephemeral_ps_command,
    &ephemeral_top_command,
    &ephemeral_stats_command,
    &ephemeral_cleanup_command,
    &console_tree_command,
    &console_events_command,
    &console_watch_command,
    &node_command,
    &token_command,
    &config_command,
    &doctor_command,
    &console_history_command,
    &console_help_command,
    &console_exit_command,
};

constexpr std::array of_one{
    &ephemeral_install_command, &ephemeral_uninstall_command, &ephemeral_packages_command,
    &console_run_command,       &ephemeral_shell_command,     &ephemeral_attach_command,
    &ephemeral_copy_command,    &console_info_command,        &ephemeral_logs_command,
    &ephemeral_ps_command,      &console_help_command,        &console_exit_command,
};

} // namespace

// Commands of a console have no name before their own.
constinit const command console_commands{
    .name = "",
    .description = "Commands of the console.",
    .commands = all,
};

constinit const command interactive_commands{
    .name = "",
    .description = "Commands about one environment.",
    .commands = of_one,
};

} // namespace gestvenv::cli
