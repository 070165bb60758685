// SPDX-License-Identifier: MIT
#include "system/storage/open_folder.hpp"

#include "messages/fault_point.hpp"

#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <string>
#include <unistd.h>

namespace gestvenv {

namespace {

// Which mount a file is on; unset where /proc does not tell.
std::optional<long> mount_of(int file) {
    descriptor facts{::open(("/proc/self/fdinfo/" + std::to_string(file)).c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 512> text{};
    if (!facts || ::read(facts.get(), text.data(), text.size() - 1) <= 0)
        return std::nullopt;
    const char* line = std::strstr(text.data(), "mnt_id:");
    return line == nullptr ? std::nullopt : std::optional{std::strtol(line + 7, nullptr, 10)};
}

bool are_on_one_mount(int one, int other) {
    auto its = mount_of(one);
    if (its)
        return its == mount_of(other);
    struct stat first {};
    struct stat second {};
    return ::fstat(one, &first) == 0 && ::fstat(other, &second) == 0 && first.st_dev == second.st_dev;
}

// Without openat2(2), Linux 5.6: one name leads through no link, and nowhere but down.
descriptor open_beneath_by_steps(int parent, const char* name, int flags) {
    if (std::strchr(name, '/') != nullptr || std::strcmp(name, "..") == 0) {
        errno = EXDEV;
        return {};
    }
    descriptor folder{::openat(parent, name, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (folder && !are_on_one_mount(parent, folder.get())) {
        folder.reset();
        errno = EXDEV;
    }
    return folder;
}

bool make_accessible(int parent, const char* name) {
    fault_point("removal: may not open a folder");
    auto place = open_beneath(parent, name, O_PATH);
    return place && change_mode(place.get(), 0700);
}

} // namespace

descriptor open_beneath(int parent, const char* name, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
    descriptor folder{static_cast<int>(::syscall(SYS_openat2, parent, name, &how, sizeof how))};
    if (folder || (errno != ENOSYS && errno != EPERM))
        return folder;
    return open_beneath_by_steps(parent, name, flags);
}

bool change_mode(int file, mode_t mode) {
    return ::chmod(("/proc/self/fd/" + std::to_string(file)).c_str(), mode) == 0;
}

descriptor open_for_removal(int parent, const char* name) {
    auto folder = open_beneath(parent, name, O_RDONLY);
    if (!folder && errno == EACCES) {
        if (!make_accessible(parent, name)) {
            errno = EACCES;
            return folder;
        }
        folder = open_beneath(parent, name, O_RDONLY);
    }
    if (!folder)
        return folder;
    // The flags first: what is immutable keeps its mode too.
    int flags = 0;
    if (::ioctl(folder.get(), FS_IOC_GETFLAGS, &flags) == 0 &&
        (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) != 0) {
        flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
        ::ioctl(folder.get(), FS_IOC_SETFLAGS, &flags);
    }
    ::fchmod(folder.get(), 0700);
    return folder;
}

} // namespace gestvenv
