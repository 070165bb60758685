// SPDX-License-Identifier: MIT
// A user namespace that maps the caller onto itself: what an ordinary user needs to make mounts and pid
// namespaces.
#pragma once

#include "messages/outcome.hpp"

namespace gestvenv {

/// Moves the calling, single-threaded process into a user and mount namespace of its own, with its uid and
/// gid mapped to themselves (user_namespaces(7)), so that files keep their owner. Fails with the reason, in a
/// sentence for the user, where the system does not allow it.
outcome<void> enter_user_namespace();

} // namespace gestvenv
