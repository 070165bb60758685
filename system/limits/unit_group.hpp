// SPDX-License-Identifier: MIT
// The group that the machine's manager (systemd) has given us: what must stay in it, and what it may be used
// for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// Whether what is made outside of this group (version 2) would escape it: a service, which its manager ends
/// as a whole, or a group with limits of its own. The bound of tasks that systemd gives every unit is none.
bool must_stay_in(const std::string& folder);

/// Whether the manager has left the group's inside to us (systemd's Delegate=).
bool is_delegated(const std::string& folder);

/// Whether the manager made it: then what is above is its own.
bool is_unit(std::string_view folder);

/// Passes `controllers` on from a delegated group. Its processes go to a group `gestvenv-program` in it, for
/// a group with processes of its own cannot. True when at least one controller is passed on.
bool open_delegated(const std::string& folder, const std::vector<std::string>& controllers);

} // namespace gestvenv
