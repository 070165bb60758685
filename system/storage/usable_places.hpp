// SPDX-License-Identifier: MIT
// Where a machine lets this user write: containers come with a home that belongs to another, with a root that
// is read-only, and with a /dev/shm of 64 MB from which nothing can be executed.
#pragma once

#include <filesystem>
#include <string>

namespace gestvenv {

/// `home`, or, where it is neither writable nor can be made, the folder `gestvenv-home-UID` of `temporary`:
/// made with mode 0700 where it is missing, and used only where it is this user's alone. `home` again where
/// that is not so: the error then names it.
std::filesystem::path usable_home(const std::filesystem::path& home,
                                  const std::filesystem::path& temporary = "/tmp");

/// Whether an environment's files can lie there in place of a tmpfs of its own: writable, in memory, at least
/// 1 GiB, and programs in it can be executed.
bool can_stand_in_for_tmpfs(const std::string& folder = "/dev/shm");

} // namespace gestvenv
