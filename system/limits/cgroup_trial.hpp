// SPDX-License-Identifier: MIT
// A group that is made only to learn what groups are good for here. It is in no journal, since it is made
// before there is one: its maker holds a lock on it while it lives (flock(2)), and the next start in the same
// group removes those that no process holds. Where no other ever starts there, one of the same user does,
// which finds the place in the record of trials.
#pragma once

#include "messages/outcome.hpp"
#include "system/limits/cgroup.hpp"

#include <string>

namespace gestvenv {

class cgroup_tree;
class trial_record;

/// A new group below the shared parent of `tree`, locked as long as its handle lives. The caller removes it.
outcome<cgroup> make_cgroup_trial(const cgroup_tree& tree);

/// Removes such groups below `parent` whose makers are gone. True: none is left there.
bool remove_orphaned_trials(const std::string& parent);

/// The same in every place where the record knows of a trial that was begun and not settled.
void remove_orphaned_trials(trial_record& record);

} // namespace gestvenv
