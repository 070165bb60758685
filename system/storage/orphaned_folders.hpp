// SPDX-License-Identifier: MIT
// Storage folders whose program is gone, found without any journal: a machine that lost power may have lost a
// journal's last entries, and a damaged journal its unreadable ones.
#pragma once

#include "system/posix/descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// A marked folder below a storage root that no process holds. While this object lives, no other search finds
/// it.
struct orphaned_folder {
    std::string path;
    /// What its marker says (owner_marker.hpp).
    std::string owner;
    descriptor lock;
};

/// Those directly below `root`, at most `most`, since each holds a descriptor. What lives is known by the
/// lock that its launcher has on it, in whatever namespace that runs; what has no marker, or belongs to
/// another user, is passed over, and so is a root that is not there or that others may have written to.
std::vector<orphaned_folder> orphaned_folders(const std::string& root, std::size_t most = 100);

/// This user's folder directly below `root` whose name begins so, taken, marked or not; without a lock where
/// another program holds it.
std::optional<orphaned_folder> take_folder(const std::string& root, std::string_view beginning);

} // namespace gestvenv
