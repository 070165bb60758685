// SPDX-License-Identifier: MIT
// Manual pages from the list of commands: what `--help` says, in the form that man(1) reads.
#pragma once

#include "tools/gestvenv/command.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

struct manual_page {
    /// Of its file: `gestvenv-run.1`.
    std::string name;
    std::string text;
};

/// One for the program, and one for each of its commands, which has those below it. `date` stands at the foot of each:
/// `2026-01-31`, or nothing.
std::vector<manual_page> manual_pages(const command& program, std::string_view date);

} // namespace gestvenv::cli
