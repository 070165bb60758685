// SPDX-License-Identifier: MIT
// What this version and this machine do of what a specification can ask for.
#pragma once

#include "messages/outcome.hpp"
#include "system/process/protocol.hpp"

#include <gestvenv/environment_spec.hpp>

namespace gestvenv {

/// What it does not do, here or anywhere, is refused (isolation_unavailable), not ignored. For a completed
/// specification.
outcome<void> check_supported(const environment_spec& spec, const protocol::greeting& host);

/// The limits as they are enforced: memory as admission reserves it, with what the storage may take of it.
resource_limits enforced_limits(const environment_spec& spec);

} // namespace gestvenv
