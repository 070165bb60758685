// SPDX-License-Identifier: MIT
// How much a folder takes on its disk, found by looking at every file.
#pragma once

#include "system/posix/descriptor.hpp"

#include <cstdint>

namespace gestvenv {

struct tree_size {
    std::int64_t bytes = 0;
    /// Files and folders that were looked at.
    std::int64_t entries = 0;
    /// False: there were more than `most`, or deeper ones than are looked at, or some that may not be read.
    bool complete = true;
};

/// Follows no symbolic link and crosses no mount. A file with several names counts with each.
tree_size measure_tree(const descriptor& folder, std::int64_t most);

} // namespace gestvenv
