// SPDX-License-Identifier: MIT
// `gestvenv doctor`: what works on this machine, and what supplies the rest.
#pragma once

#include "tools/gestvenv/command.hpp"

#include <gestvenv/enumerations.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

struct doctor_request : command_request {
    enum class output_format : std::uint8_t { table, json };

    output_format format = output_format::table;
    /// Install nothing.
    bool quick = false;
    /// What is tried; empty: all there are.
    std::vector<std::string> pythons;
    std::vector<backend> backends;
    /// The longest that one backend with one interpreter may take.
    std::chrono::milliseconds timeout = std::chrono::seconds{60};
};

std::string_view to_string(doctor_request::output_format value) noexcept;

/// Ends with 0 where all that is needed works, 1 where it does not, 2 for a configuration or a version that is
/// not acceptable. A signal ends it, with everything taken down.
extern const command doctor_command;

} // namespace gestvenv::cli
