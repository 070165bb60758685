// SPDX-License-Identifier: MIT
// A place for groups of the tests.
#pragma once

#include "system/limits/cgroup_tree.hpp"

#include <optional>
#include <utility>

namespace gestvenv::test {

/// Any hierarchy in which a group can be made.
inline std::optional<cgroup_tree> any_tree() {
    if (auto tree = cgroup_tree::find())
        return std::move(*tree);
    for (const char* controller : {"memory", "pids", "cpu", "freezer"})
        if (auto tree = cgroup_tree::find_version_one(controller))
            return std::move(*tree);
    return {};
}

} // namespace gestvenv::test
