// SPDX-License-Identifier: MIT
// On what the figures were taken: they mean little without.
#pragma once

#include "tools/bench/row.hpp"

#include <string>
#include <utility>
#include <vector>

namespace gestvenv::bench {

/// Runnable processes, averaged over the last minute; 0 where it cannot be read.
double load_average();

/// Names and values, in the order in which they are to be printed. Makes one environment to see what is in
/// force; throws what that throws.
std::vector<std::pair<std::string, std::string>> machine_facts(const context& shared);

} // namespace gestvenv::bench
