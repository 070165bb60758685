// SPDX-License-Identifier: MIT
// A /dev/shm of an environment's own, as large as the host's: shared memory files and named semaphores that
// commands leave behind go with it. An ipc namespace does the same for those of System V and message queues.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv {

/// The host's.
struct shared_memory_place {
    /// /dev/shm, or where it leads to.
    std::string path;
    /// 0: no bound.
    std::int64_t bytes = 0;
    std::int64_t files = 0;
};

/// Unset where there is none, or one without room.
std::optional<shared_memory_place> find_shared_memory();

/// As large as that one. In no mount table.
outcome<descriptor> make_private_shared_memory(const shared_memory_place& host);

/// Entries of a shared memory mount that are no folders: segments and semaphores.
std::int64_t count_segment_files(const descriptor& mount);

/// What a keeper makes of the host's /dev/shm in a mount namespace of its own. Folders that are there are
/// shown inside the private one, because programs work in them; shared memory is in no folder
/// (shm_overview(7)).
class shared_memory_view {
public:
    /// Puts `mount` over `path`. Returns 0 or an errno value.
    int cover(const descriptor& mount, const std::string& path);
    /// Shows what `text` names of the host's (`/dev/shm/NAME`), files too, where the private one has nothing
    /// of that name. Returns how many files were made for that.
    int show_named(std::string_view text);
    /// The host's folder, for a working directory that is the whole of it; -1: nothing is covered.
    int host() const noexcept { return host_.get(); }
    const std::string& path() const noexcept { return path_; }

private:
    /// 0, or an errno value.
    int show(const char* name, bool folders_only, int& files_made);

    descriptor host_;
    descriptor own_;
    std::string path_;
};

} // namespace gestvenv
