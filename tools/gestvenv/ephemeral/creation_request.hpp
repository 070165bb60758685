// SPDX-License-Identifier: MIT
// What a command is asked for that makes an environment.
#pragma once

#include "tools/gestvenv/command.hpp"

#include <gestvenv/environment_spec.hpp>
#include <gestvenv/units.hpp>

#include <optional>

namespace gestvenv::cli {

struct creation_request : command_request {
    /// What is not given is left unset, for the configuration to fill in.
    environment_spec environment;
    /// How many of each there may be; unset: the configuration says, and where it does not, any number.
    std::optional<count_limit> max_processes;
    std::optional<count_limit> max_threads;
};

} // namespace gestvenv::cli
