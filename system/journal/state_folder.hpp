// The folder in which one runtime keeps its journal: below the user's state folder, owned and locked by one runtime.
// A folder whose lock is free has no owner any more, and whoever takes the lock may finish what is in it.
#pragma once

#include "messages/outcome.hpp"
#include "system/process/descriptor.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gestvenv {

/// `${XDG_STATE_HOME:-HOME/.local/state}/gestvenv`. Reads the process's variables.
std::filesystem::path default_state_root(const std::filesystem::path& home);

/// Holds the lock (flock(2)) on one folder. Not thread-safe. The lock belongs to the open file description: it is
/// shared with the launcher, which is given the descriptor, and free when both are gone.
class state_folder {
public:
    /// A new folder with a random id below `root`, mode 0700; makes `root` where it is missing. `permission_denied`
    /// when `root` belongs to another user or others may write to it.
    static outcome<state_folder> create(const std::filesystem::path& root);
    /// Every folder below `root` whose lock can be taken now, locked; at most 1000 at a time. None when there is no
    /// `root`. Of several callers, in one process or many, only one gets a folder.
    static outcome<std::vector<state_folder>> find_free(const std::filesystem::path& root);

    const std::string& id() const noexcept { return id_; }
    std::filesystem::path path() const { return root_ / id_; }
    /// The descriptor that holds the lock.
    int lock() const noexcept { return lock_.get(); }

    /// Removes the folder with its files, the lock file last, and gives up the lock.
    outcome<void> remove();

private:
    state_folder(std::filesystem::path root, std::string id) : root_(std::move(root)), id_(std::move(id)) {}
    outcome<bool> take_lock(bool make);

    std::filesystem::path root_;
    std::string id_;
    descriptor folder_;
    descriptor lock_;
};

} // namespace gestvenv
