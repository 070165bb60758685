// SPDX-License-Identifier: MIT
// `gestvenv node`: the program that holds environments for other programs.
#pragma once

#include "tools/gestvenv/command.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

struct node_request : command_request {
    enum class output_format : std::uint8_t { table, json };

    output_format format = output_format::table;
    bool foreground = false;
    bool outlives_job = false;
    std::string socket;
    std::vector<std::string> listen;
    std::string certificate;
    std::string key;
    std::vector<std::string> host_names;
    std::chrono::seconds idle_end{30};
    std::string log_format;
    std::string log_level;
    std::string log_file;
    /// From who starts it as a process of its own.
    std::string usual_log_file;
    /// The lines of the log that are shown.
    int lines = 100;
    bool follow = false;
    /// From who starts it as a process of its own.
    int ready_descriptor = -1;
    /// As the command line has them, for that process.
    std::vector<std::string> given;
};

std::string_view to_string(node_request::output_format value) noexcept;

extern const command node_command;

} // namespace gestvenv::cli
