// SPDX-License-Identifier: MIT
// The screen of `gestvenv ephemeral top`, and its keys.
#pragma once

#include "tools/gestvenv/node/node_access.hpp"
#include "tools/gestvenv/top/top_model.hpp"

#include <chrono>

namespace gestvenv::cli {

/// Until `q` is pressed. Returns the exit status; ends by a signal that it gets, after it has given the terminal back.
int show_top(const node_choice& choice, std::chrono::milliseconds interval, top_order order);

} // namespace gestvenv::cli
