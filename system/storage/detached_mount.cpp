// SPDX-License-Identifier: MIT
#include "system/storage/detached_mount.hpp"

#include "system/posix/system_failure.hpp"

#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <fcntl.h>

namespace gestvenv {

outcome<descriptor> make_detached_tmpfs(std::int64_t bytes, std::int64_t files, const char* mode) {
    descriptor context{::fsopen("tmpfs", FSOPEN_CLOEXEC)};
    if (!context)
        return system_failure(errno, "cannot open a tmpfs");
    auto set = [&context](const char* key, const std::string& value) {
        return ::fsconfig(context.get(), FSCONFIG_SET_STRING, key, value.c_str(), 0) == 0;
    };
    if (!set("size", std::to_string(bytes)) || !set("nr_inodes", std::to_string(files)) || !set("mode", mode))
        return system_failure(errno, "cannot set the size of a tmpfs");
    if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0)
        return system_failure(errno, "cannot create a tmpfs");
    descriptor mount{::fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)};
    if (!mount)
        return system_failure(errno, "cannot mount a tmpfs");
    return mount;
}

outcome<descriptor> make_detached_bind(const descriptor& folder) {
    descriptor mount{::open_tree(folder.get(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH)};
    if (!mount)
        return system_failure(errno, "cannot make a mount of a folder");
    return mount;
}

outcome<void> attach(const descriptor& mount, const std::string& path) {
    if (::move_mount(mount.get(), "", AT_FDCWD, path.c_str(), MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return system_failure(errno, "cannot attach the storage to " + path);
    return {};
}

outcome<filesystem_usage> usage_of(const descriptor& mount) {
    struct statvfs status {};
    if (::fstatvfs(mount.get(), &status) < 0)
        return system_failure(errno, "cannot read the usage of a storage");
    filesystem_usage usage;
    usage.bytes = static_cast<std::int64_t>((status.f_blocks - status.f_bfree) * status.f_frsize);
    usage.files = static_cast<std::int64_t>(status.f_files - status.f_ffree);
    usage.bytes_in_all = static_cast<std::int64_t>(status.f_blocks * status.f_frsize);
    usage.files_in_all = static_cast<std::int64_t>(status.f_files);
    usage.full = (status.f_blocks > 0 && status.f_bfree == 0) || (status.f_files > 0 && status.f_ffree == 0);
    return usage;
}

} // namespace gestvenv
