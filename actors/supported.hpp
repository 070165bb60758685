// SPDX-License-Identifier: MIT
// What this version and this machine do of what a specification can ask for.
#pragma once

#include "messages/outcome.hpp"
#include "messages/resolved_specification.hpp"
#include "system/process/protocol.hpp"

namespace gestvenv {

/// What it does not do, here or anywhere, is refused (isolation_unavailable), not ignored. For a completed
/// specification.
outcome<void> check_supported(const resolved_specification& spec, const protocol::greeting& host);

/// The limits as they are enforced: memory as admission reserves it, with what the storage may take of it.
resource_limits enforced_limits(const resolved_specification& spec);

} // namespace gestvenv
