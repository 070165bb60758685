// SPDX-License-Identifier: MIT
// `gestvenv ephemeral`: what there is of environments on this machine.
#pragma once

#include "tools/gestvenv/command.hpp"

#include <gestvenv/units.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv::cli {

/// What each command below it is asked for.
struct ephemeral_request : command_request {
    enum class output_format : std::uint8_t { table, json };

    output_format format = output_format::table;
    /// Those that were left behind or have ended, too.
    bool all = false;
    /// Of those that have ended, at most so many are shown.
    count_limit most_ended{50};
    bool orphans = false;
    /// What `show` shows.
    std::string wanted;
};

std::string_view to_string(ephemeral_request::output_format value) noexcept;

extern const command ephemeral_command;

} // namespace gestvenv::cli
