// SPDX-License-Identifier: MIT
#include "system/storage/usable_places.hpp"

#include "system/posix/descriptor.hpp"
#include "system/storage/storage_root.hpp"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr std::uint64_t least_memory = 1u << 30;

// access(2) goes by the real user, and says EROFS of a file system that is read-only.
bool can_be_written(std::filesystem::path folder) {
    while (::access(folder.c_str(), F_OK) != 0 && errno == ENOENT && folder.has_relative_path())
        folder = folder.parent_path();
    return ::access(folder.c_str(), W_OK | X_OK) == 0;
}

} // namespace

std::filesystem::path usable_home(const std::filesystem::path& home, const std::filesystem::path& temporary) {
    if (can_be_written(home))
        return home;
    auto instead = temporary / ("gestvenv-home-" + std::to_string(::geteuid()));
    ::mkdir(instead.c_str(), 0700); // it may be there; whose it is, is seen below
    descriptor folder{::open(instead.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    return folder && belongs_to_us_alone(folder) && can_be_written(instead) ? instead : home;
}

bool can_stand_in_for_tmpfs(const std::string& folder) {
    struct statvfs size {};
    struct statfs kind {};
    if (::access(folder.c_str(), W_OK | X_OK) != 0 || ::statvfs(folder.c_str(), &size) != 0 ||
        ::statfs(folder.c_str(), &kind) != 0)
        return false;
    return kind.f_type == TMPFS_MAGIC && (size.f_flag & (ST_NOEXEC | ST_RDONLY)) == 0 &&
           static_cast<std::uint64_t>(size.f_blocks) * size.f_frsize >= least_memory;
}

} // namespace gestvenv
