// SPDX-License-Identifier: MIT
// `gestvenv ephemeral install|uninstall|packages`: the packages of an environment.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_install_command;
extern const command ephemeral_uninstall_command;
extern const command ephemeral_packages_command;

} // namespace gestvenv::cli
