// SPDX-License-Identifier: MIT
#include "system/storage/storage_root.hpp"

#include "system/posix/folder_names.hpp"
#include "system/posix/system_failure.hpp"
#include "system/posix/try_lock.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv {

namespace {

constexpr const char* hint_for_foreign_root = "remove it, or choose another place with base_storage_path";

outcome<void> make_folders(const std::string& path) {
    for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
        auto part = path.substr(0, at);
        if (::mkdir(part.c_str(), 0700) < 0 && errno != EEXIST && errno != EISDIR && errno != EROFS)
            return system_failure(errno, "cannot create the storage folder " + part);
        if (at == std::string::npos)
            return {};
    }
}

// 0 or an errno. It is held by others for moments only, in remove_if_unused(); but any program of this user
// can hold it for ever.
int lock_shared(const descriptor& folder) {
    constexpr std::chrono::seconds patience{2};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!try_lock(folder.get(), LOCK_SH)) {
        if (errno != EWOULDBLOCK)
            return errno;
        if (std::chrono::steady_clock::now() >= deadline)
            return EWOULDBLOCK;
        ::poll(nullptr, 0, 1);
    }
    return 0;
}

// Whether `path` still leads to the open folder: its last user may have removed it between open and lock.
bool still_there(const std::string& path, const descriptor& folder) {
    struct stat by_path {};
    struct stat by_descriptor {};
    return ::lstat(path.c_str(), &by_path) == 0 && ::fstat(folder.get(), &by_descriptor) == 0 &&
           by_path.st_dev == by_descriptor.st_dev && by_path.st_ino == by_descriptor.st_ino;
}

// But for the folder that storage is attached to, in which nothing may be either.
bool is_empty_root(const std::string& path, const descriptor& folder) {
    auto names = names_in(folder, path);
    if (!names || names->size() > 1 || (names->size() == 1 && names->front() != attach_folder))
        return false;
    if (names->empty())
        return true;
    descriptor attached{
        ::openat(folder.get(), attach_folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    auto below = attached ? names_in(attached, path) : std::vector<std::string>{attach_folder};
    return below && below->empty();
}

// Alone with it: no program has storage below it, so an empty root can go. rmdir(2) refuses any other.
void remove_if_unused(const std::string& path, const std::string& spare, const descriptor& folder) {
    if (!try_lock(folder.get(), LOCK_EX) || !still_there(path, folder))
        return;
    if (!spare.empty() && is_empty_root(path, folder) &&
        ::renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, spare.c_str(), RENAME_NOREPLACE) == 0)
        return;
    ::unlinkat(folder.get(), attach_folder, AT_REMOVEDIR);
    ::rmdir(path.c_str());
}

} // namespace

bool belongs_to_us_alone(const descriptor& folder) {
    struct stat status {};
    return ::fstat(folder.get(), &status) == 0 && status.st_uid == ::geteuid() &&
           (status.st_mode & 0022) == 0;
}

std::string default_root(storage_backend storage, uid_t user, std::string_view home) {
    auto name = "gestvenv-ephemeral-" + std::to_string(user);
    switch (storage) {
    case storage_backend::tmpfs:
        return "/tmp/" + name;
    case storage_backend::memory:
        return "/dev/shm/" + name;
    case storage_backend::disk:
        break;
    }
    return std::string{home} + "/.cache/gestvenv/ephemeral";
}

outcome<storage_root> storage_root::open(std::string path, std::string spare) {
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    if (path.empty() || path.front() != '/')
        return failure(error_code::invalid_argument,
                       "the storage folder '" + path + "' is not an absolute path",
                       "give base_storage_path as an absolute path");
    // Bounded: each round means that another program removed the folder at this very moment.
    for (int attempt = 0; attempt < 100; ++attempt) {
        // Where this fails there is a root, or no spare one.
        const bool taken = !spare.empty() && ::renameat2(AT_FDCWD, spare.c_str(), AT_FDCWD, path.c_str(),
                                                         RENAME_NOREPLACE) == 0;
        if (auto made = taken ? outcome<void>{} : make_folders(path); !made)
            return failure(made.error());
        descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (!folder) {
            if (errno == ENOENT)
                continue;
            if (errno == ELOOP || errno == ENOTDIR)
                return failure(error_code::permission_denied,
                               "the storage folder " + path + " is not a folder (a symbolic link or a file)",
                               hint_for_foreign_root);
            return system_failure(errno, "cannot open the storage folder " + path);
        }
        if (!belongs_to_us_alone(folder))
            return failure(error_code::permission_denied,
                           "the storage folder " + path +
                               " belongs to another user or can be written by others",
                           hint_for_foreign_root);
        if (int problem = lock_shared(folder); problem != 0)
            return system_failure(problem, "cannot lock the storage folder " + path);
        if (!still_there(path, folder))
            continue;
        storage_root result;
        result.path_ = std::move(path);
        result.spare_ = std::move(spare);
        result.folder_ = std::move(folder);
        return result;
    }
    return failure(error_code::system_failure, "the storage folder " + path + " keeps disappearing");
}

storage_root& storage_root::operator=(storage_root&& other) noexcept {
    if (this != &other) {
        let_go();
        path_ = std::move(other.path_);
        spare_ = std::move(other.spare_);
        folder_ = std::move(other.folder_);
    }
    return *this;
}

storage_root::~storage_root() {
    let_go();
}

void storage_root::let_go() noexcept {
    if (folder_)
        remove_if_unused(path_, spare_, folder_);
    folder_.reset();
}

void remove_unused_root(const std::string& path) {
    descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (folder && belongs_to_us_alone(folder))
        remove_if_unused(path, {}, folder);
}

} // namespace gestvenv
