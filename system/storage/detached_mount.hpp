// SPDX-License-Identifier: MIT
// Mounts that hang in no mount table: held by a descriptor, gone when the last descriptor is closed
// (fsopen(2), fsmount(2), open_tree(2), move_mount(2)). Nothing here changes the caller's own mounts, except
// `attach`, which the keeper calls in a mount namespace of its own.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <string>

namespace gestvenv {

/// A tmpfs with room for `bytes` bytes in `files` files and folders (0: any number), without devices and
/// set-id bits. Needs CAP_SYS_ADMIN in the user namespace of the caller's mount namespace.
outcome<descriptor> make_detached_tmpfs(std::int64_t bytes, std::int64_t files, const char* mode = "0700");

/// A mount that shows an existing folder.
outcome<descriptor> make_detached_bind(const descriptor& folder);

/// Attaches a detached mount over the existing folder `path`, without following a symbolic link in its last
/// part.
outcome<void> attach(const descriptor& mount, const std::string& path);

/// How much of a mounted file system is in use.
struct filesystem_usage {
    std::int64_t bytes = 0;
    std::int64_t files = 0;
    /// What there is room for; 0: no bound.
    std::int64_t bytes_in_all = 0;
    std::int64_t files_in_all = 0;
    /// Whether nothing more can be written or created.
    bool full = false;
};
outcome<filesystem_usage> usage_of(const descriptor& mount);

} // namespace gestvenv
