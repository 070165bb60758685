// SPDX-License-Identifier: MIT
// Groups of environments whose launcher is gone, found without any journal: a damaged one may have lost them,
// and with them the processes that they hold together.
#pragma once

#include "messages/outcome.hpp"
#include "system/limits/cgroup.hpp"
#include "system/posix/descriptor.hpp"

#include <gestvenv/teardown_receipt.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

class cgroup_tree;

/// Makes a group as cgroup_tree::make() does, and holds it: as long as the handle lives, no process takes it
/// for an orphaned one. `system_failure` when another program did before it was held.
outcome<cgroup> make_held(const cgroup_tree& tree, const std::string& name);

/// In a child that has been given the descriptor of a held group: uses it without holding it (flock(2): a
/// lock is shared with children until one of them gives it up for all).
void use_without_holding(const cgroup& group) noexcept;

/// An environment's group that no process holds. While this object lives, no other search finds it.
struct orphaned_group {
    std::string path;
    descriptor lock;
};

/// One that was made so short a time ago may be about to be held.
inline constexpr std::chrono::seconds least_age_of_orphans{1};

/// Those directly below `parent` that have an environment's name (`gestvenv-` and 8 characters of its id, or
/// all of it) and belong to this user, at most `most`.
std::vector<orphaned_group> orphaned_groups(const std::string& parent, std::size_t most = 100);

/// All of one environment, whose launcher is known to be gone, however young they are.
struct groups_of_environment {
    std::vector<orphaned_group> taken;
    /// Those that are there and could not be taken: nothing can be said of them but that.
    std::vector<residue> left;
};

/// The names that groups of this environment may have.
std::vector<std::string> group_names_of(std::string_view environment_id);

/// Takes those of these names below `parents`. One that another program holds is waited for, `patience` at
/// most for all of them: it may be just removing it, and is there until it has.
groups_of_environment take_groups(const std::vector<std::string>& names,
                                  const std::vector<std::string>& parents,
                                  std::chrono::milliseconds patience);

/// Whether there is a group of this user's at `path` that another program holds.
bool is_held_group(const std::string& path);

} // namespace gestvenv
