// SPDX-License-Identifier: MIT
// A group that is made only to learn what groups are good for here. It is in no journal, since it is made
// before there is one: its maker holds a lock on it while it lives (flock(2)), and the next trial removes
// those that no process holds.
#pragma once

#include "messages/outcome.hpp"
#include "system/limits/cgroup.hpp"

#include <string>

namespace gestvenv {

class cgroup_tree;

/// A new group below the shared parent of `tree`, locked as long as its handle lives. The caller removes it.
outcome<cgroup> make_cgroup_trial(const cgroup_tree& tree);

/// Removes such groups below `parent` whose makers are gone.
void remove_orphaned_trials(const std::string& parent);

} // namespace gestvenv
