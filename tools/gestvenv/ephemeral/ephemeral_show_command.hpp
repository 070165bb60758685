// SPDX-License-Identifier: MIT
// `gestvenv ephemeral show`: one environment in detail.
#pragma once

#include "tools/gestvenv/command.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"

namespace gestvenv::cli {

extern const command ephemeral_show_command;

int show_environment(environment_request& request);

} // namespace gestvenv::cli
