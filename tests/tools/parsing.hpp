// SPDX-License-Identifier: MIT
// A command line that is expected to mean a run, a text, or an error.
#pragma once

#include "tools/gestvenv/command_line.hpp"

#include <catch2/catch_test_macros.hpp>

namespace gestvenv::test {

inline cli::action action_of(const std::vector<std::string>& words) {
    auto result = cli::parse_command_line(words);
    if (!result)
        FAIL(render(result.error()));
    return *result;
}

inline cli::run_request parsed(const std::vector<std::string>& words) {
    return std::get<cli::run_request>(action_of(words));
}

inline cli::config_request parsed_config(const std::vector<std::string>& words) {
    return std::get<cli::config_request>(action_of(words));
}

inline cli::doctor_request parsed_doctor(const std::vector<std::string>& words) {
    return std::get<cli::doctor_request>(action_of(words));
}

inline cli::text_request parsed_text(const std::vector<std::string>& words) {
    return std::get<cli::text_request>(action_of(words));
}

/// The error; its code is checked.
inline error refused(const std::vector<std::string>& words) {
    auto result = cli::parse_command_line(words);
    REQUIRE(!result);
    CHECK(result.error().code == error_code::invalid_argument);
    return result.error();
}

} // namespace gestvenv::test
