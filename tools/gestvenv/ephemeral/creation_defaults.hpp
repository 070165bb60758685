// SPDX-License-Identifier: MIT
// The defaults of an environment that a node makes: those of the caller's configuration, not of the node's.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/ephemeral/creation_request.hpp"

namespace gestvenv::cli {

/// Fills in what `request` leaves to the configuration, and the interpreter that the caller expects. An interpreter of
/// this machine's PATH is of no use to a node elsewhere. Its errors are those of the configuration, and of a version that
/// does not fit. Prints warnings.
outcome<void> fill_in_defaults(creation_request& request, bool node_is_here);

} // namespace gestvenv::cli
