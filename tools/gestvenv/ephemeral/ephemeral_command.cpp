// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_command.hpp"

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

#include <array>

namespace gestvenv::cli {

namespace {

constexpr const char* ephemeral_footer =
    R"(Environments that are to live between commands are held by a node, which is started where there is
none (gestvenv node --help). Commands about one environment name it by its id, the beginning of one
(four characters or more), or its name.

examples:
  gestvenv ephemeral create ci-test --requirements requirements.txt --ttl 600
  gestvenv ephemeral exec ci-test python -m pytest -q
  gestvenv ephemeral install ci-test 'rich>=13'
  gestvenv ephemeral list --all --format json
  gestvenv ephemeral show 3f2a
  gestvenv ephemeral cleanup ci-test
  gestvenv ephemeral cleanup --orphans)";

// In the order of the help.
constexpr std::array commands{
    &ephemeral_create_command,  &ephemeral_list_command,      &ephemeral_show_command,
    &ephemeral_exec_command,    &ephemeral_shell_command,     &ephemeral_attach_command,
    &ephemeral_install_command, &ephemeral_uninstall_command, &ephemeral_packages_command,
    &ephemeral_copy_command,    &ephemeral_logs_command,      &ephemeral_cleanup_command,
    &ephemeral_stats_command,   &ephemeral_ps_command,        &ephemeral_top_command,
};

} // namespace

constinit const command ephemeral_command{
    .name = "ephemeral",
    .description = "Makes environments that live between commands, lists and ends them, and removes orphans.",
    .footer = ephemeral_footer,
    .commands = commands,
};

} // namespace gestvenv::cli
