// SPDX-License-Identifier: MIT
#include "system/isolation/private_shared_memory.hpp"

#include "system/storage/detached_mount.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <memory>
#include <unistd.h>

namespace gestvenv {

namespace {

// Each costs a mount; who has more folders there names the one that is meant.
constexpr int most_folders = 32;

using open_list = std::unique_ptr<DIR, int (*)(DIR*)>;

open_list list_of(int folder) {
    descriptor copy{::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    open_list entries{copy ? ::fdopendir(copy.get()) : nullptr, ::closedir};
    if (entries)
        copy.release();
    return entries;
}

bool is_dots(std::string_view name) {
    return name == "." || name == "..";
}

} // namespace

std::optional<shared_memory_place> find_shared_memory() {
    struct statfs status {};
    std::unique_ptr<char, void (*)(void*)> path{::realpath("/dev/shm", nullptr), ::free};
    if (!path || ::statfs(path.get(), &status) < 0)
        return std::nullopt;
    if (status.f_type != TMPFS_MAGIC) // a folder on a disk: it has no size of its own
        return std::nullopt;
    return shared_memory_place{
        path.get(), static_cast<std::int64_t>(status.f_blocks) * static_cast<std::int64_t>(status.f_bsize),
        static_cast<std::int64_t>(status.f_files)};
}

outcome<descriptor> make_private_shared_memory(const shared_memory_place& host) {
    return make_detached_tmpfs(host.bytes, host.files, "1777");
}

std::int64_t count_segment_files(const descriptor& mount) {
    auto entries = list_of(mount.get());
    std::int64_t count = 0;
    while (auto* entry = entries ? ::readdir(entries.get()) : nullptr) // NOLINT(concurrency-mt-unsafe): ours
        count += entry->d_type != DT_DIR ? 1 : 0;
    return count;
}

int shared_memory_view::cover(const descriptor& mount, const std::string& path) {
    host_ = descriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!host_)
        return errno;
    auto entries = list_of(host_.get());
    if (auto attached = attach(mount, path); !attached)
        return EPERM;
    own_ = descriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!own_)
        return errno;
    path_ = path;
    int folders = 0;
    int ignored = 0;
    while (auto* entry = entries && folders < most_folders ? ::readdir(entries.get()) : nullptr) { // NOLINT
        if (entry->d_type != DT_DIR || is_dots(entry->d_name))
            continue;
        // One that has gone meanwhile, or may not be shown, is missing inside.
        if (show(entry->d_name, true, ignored) == 0)
            ++folders;
    }
    return 0;
}

int shared_memory_view::show(const char* name, bool folders_only, int& files_made) {
    struct stat status {};
    if (::fstatat(host_.get(), name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return errno;
    const bool folder = S_ISDIR(status.st_mode);
    if (!folder && (folders_only || !S_ISREG(status.st_mode)))
        return EINVAL;
    descriptor tree{
        ::open_tree(host_.get(), name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW)};
    if (!tree)
        return errno;
    if (folder) {
        if (::mkdirat(own_.get(), name, 0700) < 0)
            return errno;
    } else {
        descriptor made{
            ::openat(own_.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
        if (!made)
            return errno;
        ++files_made;
    }
    if (::move_mount(tree.get(), "", own_.get(), name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return errno;
    return 0;
}

int shared_memory_view::show_named(std::string_view text) {
    int files_made = 0;
    if (!host_)
        return 0;
    const auto before = path_ + "/";
    for (auto at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
        auto rest = text.substr(at + before.size());
        // As lists of paths and quoting end a name.
        auto name = std::string{rest.substr(0, rest.find_first_of("/:;,='\"() \t\n"))};
        if (name.empty() || name.size() > NAME_MAX || is_dots(name))
            continue;
        if (::faccessat(own_.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) < 0)
            (void)show(name.c_str(), false,
                       files_made); // what cannot be shown is missing, as it looks inside
    }
    return files_made;
}

} // namespace gestvenv
