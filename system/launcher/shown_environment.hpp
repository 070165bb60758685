// SPDX-License-Identifier: MIT
// Which environment a keeper is of, shown in /proc/PID/cmdline (proc(5)) from its birth on: to people in ps(1), and to a
// next start, where the program was killed before it had noted the keeper's number.
#pragma once

#include "system/process/protocol.hpp"

#include <string_view>
#include <vector>

namespace gestvenv {

/// While it lives, this process and those cloned from it show the id. One at a time.
class shown_environment {
public:
    /// At the start of the program: its argument protocol::no_environment_shown, which is overwritten.
    static void show_in(char* argument) noexcept;

    explicit shown_environment(std::string_view id) noexcept;
    shown_environment(const shown_environment&) = delete;
    shown_environment& operator=(const shown_environment&) = delete;
    ~shown_environment();
};

/// The living keepers that show this id, and what they have cloned that is no other program yet. Looks at every process.
std::vector<protocol::noted_process> keepers_of(std::string_view id);

} // namespace gestvenv
