// SPDX-License-Identifier: MIT
// All steps at which faults are injected, and about how often each is met in one run of the scenario or of
// the next start. In a list of its own, so that a seed means the same whatever was met in another run; the
// walk checks that none is missing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gestvenv::faults {

struct step {
    std::string name;
    std::uint32_t times;
    /// A message that an actor sends, and not some other thread.
    bool has_sender = false;
};

/// In a fixed order.
const std::vector<step>& all_steps();

} // namespace gestvenv::faults
