// SPDX-License-Identifier: MIT
// The screen of `gestvenv ephemeral top`, and its keys.
#pragma once

#include "tools/gestvenv/node/node_access.hpp"
#include "tools/gestvenv/options/global_options.hpp"
#include "tools/gestvenv/top/top_model.hpp"

#include <chrono>

namespace gestvenv::cli {

/// Until `q` is pressed. Returns the exit status. Ends the program by a signal that it gets, after it has given the terminal
/// back, and where that is a console, the command alone.
int show_top(const global_options& global, const node_choice& choice, std::chrono::milliseconds interval,
             top_order order);

} // namespace gestvenv::cli
