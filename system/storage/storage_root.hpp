// SPDX-License-Identifier: MIT
// The folders below which storage lies. Each belongs to one user, mode 0700, and is checked before use:
// another user may have made a folder of this name first.
#pragma once

#include <gestvenv/enumerations.hpp>

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <sys/types.h>

#include <string>
#include <string_view>

namespace gestvenv {

/// The documented root: `/tmp/gestvenv-ephemeral-UID`, `/dev/shm/gestvenv-ephemeral-UID`,
/// `HOME/.cache/gestvenv/ephemeral`.
std::string default_root(storage_backend storage, uid_t user, std::string_view home);

/// An open root that other programs of the same user may share. The last one to let go of it removes the
/// folder if it is empty, so that a machine looks untouched when the program has gone.
class storage_root {
public:
    storage_root() = default;
    storage_root(storage_root&&) noexcept = default;
    storage_root& operator=(storage_root&& other) noexcept;
    ~storage_root();

    /// Makes the folder where it is missing (and the folders above it), takes a shared lock on it. Refuses a
    /// symbolic link, a folder of another user, and one that others may write to.
    ///
    /// `spare`: a path in the same file system, to which the last one moves the empty folder instead of removing
    /// it, and from which it is taken. On a disk that is mounted with `discard`, removing a folder waits for the
    /// disk. Empty, or on another file system: the folder is made and removed.
    static outcome<storage_root> open(std::string path, std::string spare = {});

    const std::string& path() const noexcept { return path_; }
    const descriptor& folder() const noexcept { return folder_; }
    explicit operator bool() const noexcept { return static_cast<bool>(folder_); }

private:
    void let_go() noexcept;

    std::string path_;
    std::string spare_;
    descriptor folder_;
};

/// Whether the open folder belongs to this process' user and no other user may write to it.
bool belongs_to_us_alone(const descriptor& folder);

/// Removes a root that a program which died has left: if it is empty, a root by the rules above, and no
/// program holds it.
void remove_unused_root(const std::string& path);

/// Name of the empty folder in the tmpfs root over which keepers attach an environment's storage.
inline constexpr const char* attach_folder = "environment";

} // namespace gestvenv
