// SPDX-License-Identifier: MIT
// The same as messages/fault_point.hpp at the boundaries between actors.
#pragma once

#include <caf/fwd.hpp>

namespace gestvenv {

enum class message_step { before_sending, after_sending };

/// The message whose first element is of the type `message` is about to be sent, or has just been. `sender`
/// may be null, `receiver` too. Where faults are injected it may throw, if there is a sender whose handler
/// takes it.
void message_fault_point(message_step step, const char* message, caf::abstract_actor* sender,
                         caf::abstract_actor* receiver);

} // namespace gestvenv
