// SPDX-License-Identifier: MIT
#include "tools/gestvenv/commands.hpp"

#include "tools/gestvenv/completion/completion_command.hpp"
#include "tools/gestvenv/config/config_command.hpp"
#include "tools/gestvenv/console/console_command.hpp"
#include "tools/gestvenv/doctor/doctor_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_command.hpp"
#include "tools/gestvenv/manual/manual_command.hpp"
#include "tools/gestvenv/node/node_command.hpp"
#include "tools/gestvenv/node/token_command.hpp"
#include "tools/gestvenv/run/run_command.hpp"

#include <array>

namespace gestvenv::cli {

namespace {

constexpr const char* footer = R"(These options may be given before or after the command.

examples:
  gestvenv run python -c 'import sys; print(sys.version)'
  gestvenv run --packages requests -- python -c 'import requests; print(requests.__version__)'
  gestvenv ephemeral list --all
  gestvenv config show --origin
  gestvenv doctor

gestvenv COMMAND --help describes each command.)";

// In the order of the help.
constexpr std::array commands{
    &run_command,    &ephemeral_command, &console_command,    &node_command,     &token_command,
    &config_command, &doctor_command,    &completion_command, &complete_command, &manual_command,
};

} // namespace

constinit const command program_command{
    .name = "gestvenv",
    .description = "Short-lived Python environments that leave nothing behind.",
    .footer = footer,
    .commands = commands,
};

} // namespace gestvenv::cli
