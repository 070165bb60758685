// SPDX-License-Identifier: MIT
// The settings of a node's log, metrics and traces, from options, variables and the configuration file.
#pragma once

#include "messages/outcome.hpp"
#include "net/node/node.hpp"
#include "net/observability/observability.hpp"

#include <memory>

namespace gestvenv {

/// An option wins over a variable, and that over the file. The calling thread has blocked the signals that its threads
/// are not to take.
outcome<std::unique_ptr<observability>> start_observability(const node_options& options);

} // namespace gestvenv
