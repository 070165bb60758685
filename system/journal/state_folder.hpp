// SPDX-License-Identifier: MIT
// The folder in which one runtime keeps its journal: below the user's state folder, owned and locked by one
// runtime. A folder whose lock is free has no owner any more, and the process that takes the lock may finish
// what is in it.
#pragma once

#include "messages/outcome.hpp"
#include "system/journal/forked_lock.hpp"
#include "system/posix/descriptor.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv {

/// `${XDG_STATE_HOME:-HOME/.local/state}/gestvenv` (XDG Base Directory Specification: a relative
/// XDG_STATE_HOME is ignored). Reads the process's variables.
std::filesystem::path default_state_root(const std::filesystem::path& home);

/// Every folder below `root` of this user's that looks like a runtime's, locked or not: to show what is in
/// their journals (read_journal). None when there is no `root`.
outcome<std::vector<std::filesystem::path>> all_state_folders(const std::filesystem::path& root);

/// Holds the lock (flock(2)) on one folder. Not thread-safe. The lock belongs to the open file description:
/// it is shared with the launcher, which is given the descriptor, and free when both are gone. Two objects
/// never hold the same folder, be they in one process or in two. A child that a host program forks does not
/// keep the lock.
class state_folder {
public:
    /// Name of the folder that keep_for_next() leaves.
    static constexpr const char* spare_name = "spare";
    /// Beside it, the empty folder that storage is attached to (storage_root::open) while no launcher runs.
    static constexpr const char* spare_root_name = "spare-root";

    /// Whether the path is that of one of the two.
    static bool is_spare(const std::filesystem::path& path);

    /// A folder with a random id below `root`, mode 0700: the spare one under a new name, else a new one; makes
    /// `root` where it is missing, and the folders above it. `permission_denied` when `root` is a symbolic link,
    /// belongs to another user, or others may write to it.
    static outcome<state_folder> create(const std::filesystem::path& root);

    /// Folders below `root` whose lock can be taken now, locked; at most `most`, since each holds a
    /// descriptor. None when there is no `root`. Of several callers, in one process or many, only one gets a
    /// folder. A folder that cannot be opened or locked is passed over.
    static outcome<std::vector<state_folder>> find_free(const std::filesystem::path& root,
                                                        std::size_t most = 100);

    /// Whether a process holds the folder at `path`; looks, and for a moment takes, a shared lock: a finder
    /// at that very moment passes the folder over.
    static bool is_held(const std::filesystem::path& path);

    const std::string& id() const noexcept { return id_; }
    std::filesystem::path path() const { return root_ / id_; }
    /// The descriptor that holds the lock, for the launcher.
    int lock() const noexcept { return lock_.get(); }

    /// Removes the folder with all that is in it, the lock file last, and gives up the lock; then `root`, if
    /// it is empty. Ask journal::disposable first. Does not follow symbolic links. After a failure the lock
    /// is still held.
    outcome<void> remove();

    /// Keeps the folder as the spare one, with the space that its journal has on the disk, so that the next
    /// start need not have that made: freeing and allocating it takes longer than all else at a runtime's end
    /// and start. Ask journal::disposable first; the journal must be closed. Gives up the lock. False where it
    /// cannot be kept (there is a spare one already, or more in the folder than that): remove() it.
    bool keep_for_next();

private:
    enum class lock_result { taken, not_ours, without_lock_file };

    state_folder(std::filesystem::path root, std::string id) : root_(std::move(root)), id_(std::move(id)) {}
    outcome<lock_result> take_lock(const descriptor& root, bool make);
    bool take_spare(const descriptor& root);
    bool holds_journal_alone(const descriptor& folder) const;

    std::filesystem::path root_;
    std::string id_;
    forked_lock lock_;
};

} // namespace gestvenv
