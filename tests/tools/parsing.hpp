// SPDX-License-Identifier: MIT
// A command line that is expected to mean a run, a text, or an error.
#pragma once

#include "tools/gestvenv/commands.hpp"
#include "tools/gestvenv/config/config_command.hpp"
#include "tools/gestvenv/doctor/doctor_command.hpp"
#include "tools/gestvenv/options/command_line.hpp"
#include "tools/gestvenv/run/run_request.hpp"

#include <catch2/catch_test_macros.hpp>

namespace gestvenv::test {

inline cli::wanted_action action_of(const std::vector<std::string>& words) {
    auto result = cli::parse_command_line(cli::program_command, words);
    if (!result)
        FAIL(render(result.error()));
    return std::move(*result);
}

/// The request of a command whose requests are of this type.
template <class Request>
Request request_of(const std::vector<std::string>& words) {
    auto action = action_of(words);
    return dynamic_cast<const Request&>(*std::get<cli::wanted_command>(action).request);
}

/// The command that is named.
inline std::string command_of(const std::vector<std::string>& words) {
    auto action = action_of(words);
    return std::string{std::get<cli::wanted_command>(action).what->name};
}

inline cli::run_request parsed(const std::vector<std::string>& words) {
    return request_of<cli::run_request>(words);
}

inline cli::config_request parsed_config(const std::vector<std::string>& words) {
    return request_of<cli::config_request>(words);
}

inline cli::doctor_request parsed_doctor(const std::vector<std::string>& words) {
    return request_of<cli::doctor_request>(words);
}

inline cli::text_request parsed_text(const std::vector<std::string>& words) {
    return std::get<cli::text_request>(action_of(words));
}

/// The error; its code is checked.
inline error refused(const std::vector<std::string>& words) {
    auto result = cli::parse_command_line(cli::program_command, words);
    REQUIRE(!result);
    CHECK(result.error().code == error_code::invalid_argument);
    return result.error();
}

} // namespace gestvenv::test
