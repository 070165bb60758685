// SPDX-License-Identifier: MIT
// The file in an environment's folder that says which runtime made it: without it, or with another owner's, a
// folder is never removed by a later start.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <string>

namespace gestvenv {

inline constexpr const char* owner_marker_name = "gestvenv-owner";

/// Beside it: the folder that is the environment's storage.
inline constexpr const char* storage_folder_name = "storage";

/// Writes the marker into the open folder; its content is at most 4096 bytes.
outcome<void> write_owner_marker(const descriptor& folder, const std::string& owner);

/// What can be told of who made a folder.
struct owner_marker {
    enum class finding {
        /// There is no folder of this name.
        no_folder,
        /// The folder names no owner: it has no marker, one without content (a crash has left it while it was
        /// being written), or something else than a file in its place.
        unmarked,
        marked,
        /// It could not be found out, for the reason `problem`: the marker may name any owner.
        unknown,
    };
    finding found = finding::unknown;
    std::string owner;
    /// An errno; EXDEV where something is mounted on the folder.
    int problem = 0;
    /// Whether the folder belongs to the user of this process, and the marker too where there is one.
    bool of_this_user = false;
};

/// Looks at the folder `name` below `parent`. Opens no pipe and no device, reads at most 4096 bytes. What may
/// not be read although it is this user's own is made readable for the moment and afterwards is what it was.
owner_marker read_owner_marker(const descriptor& parent, const std::string& name);

} // namespace gestvenv
