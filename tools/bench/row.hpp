// SPDX-License-Identifier: MIT
// The rows of the benchmark, and what all of them are measured on.
#pragma once

#include "tools/bench/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv::bench {

/// What the rows share. Both sides use the same interpreter.
struct context {
    std::filesystem::path python;
    /// Unset: `uv_problem` says why, and rows do without that peer.
    std::optional<std::filesystem::path> uv;
    std::string uv_problem;
    /// The program `gestvenv`; unset where it has not been built.
    std::optional<std::filesystem::path> command_line;
    /// For what the peers make: in memory, empty when a row begins and emptied after it.
    std::filesystem::path scratch;
};

struct row {
    std::string name;
    std::string title;
    /// How often each contestant is measured; for rates, the number of batches.
    int runs = 100;
    /// Fills in contestants and notes. What it throws is the row's problem.
    void (*measure)(const context&, int runs, row_result&) = nullptr;
    /// The same number for --quick; 0: left out of it.
    int quick_runs = 0;
};

/// In the order in which they are run.
const std::vector<row>& all_rows();

} // namespace gestvenv::bench
