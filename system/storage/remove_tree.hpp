// SPDX-License-Identifier: MIT
// Removing a folder with all that is in it, by descriptor: a symbolic link swapped in meanwhile, a mount
// point or a hard link never leads outside.
#pragma once

#include <gestvenv/teardown_receipt.hpp>

#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gestvenv {

struct tree_removal {
    /// Files and folders removed.
    std::int64_t files = 0;
    /// Space given back, in bytes; a file with further hard links gives none.
    std::int64_t bytes = 0;
    /// At most 18 entries: what is left and why, by its path below the folder; the folder's own is empty.
    /// What something is mounted on is of kind `mount`.
    std::vector<gestvenv::residue> residue;
};

/// Removes the entry `name` of the folder `parent` and everything below it. A missing entry is a success that
/// removed nothing. Folders of any depth are handled with a bounded number of open descriptors; modes and the
/// immutable flag are lifted where the caller may. Mount points are left alone and reported, `name` too.
/// Blocks: the walk takes as long as there are files.
tree_removal remove_tree(const descriptor& parent, const std::string& name);

} // namespace gestvenv
