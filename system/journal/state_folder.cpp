#include "system/journal/state_folder.hpp"

#include "system/process/system_failure.hpp"
#include "system/random_identifier.hpp"

#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr const char* lock_name = "lock";
constexpr std::size_t most_found = 1000;
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

bool is_identifier(const std::string& name) {
    return name.size() == 36 && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
           });
}

std::vector<std::string> names_in(int folder) {
    std::vector<std::string> names;
    descriptor copy{::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    std::unique_ptr<DIR, int (*)(DIR*)> entries{copy ? ::fdopendir(copy.get()) : nullptr, ::closedir};
    if (!entries)
        return names;
    copy.release();
    while (auto* entry = ::readdir(entries.get())) // NOLINT(concurrency-mt-unsafe): a stream of our own
        if (entry->d_name[0] != '.')
            names.emplace_back(entry->d_name);
    return names;
}

outcome<descriptor> open_root(const std::filesystem::path& root) {
    descriptor folder{::open(root.c_str(), folder_flags)};
    if (!folder)
        return system_failure(errno, "cannot open the state folder " + root.string());
    struct stat status {};
    if (::fstat(folder.get(), &status) < 0)
        return system_failure(errno, "cannot examine the state folder " + root.string());
    if (status.st_uid != ::geteuid() || (status.st_mode & 0022) != 0)
        return failure(error_code::permission_denied,
                       "the state folder " + root.string() + " belongs to another user or can be written by others",
                       "remove it, or set XDG_STATE_HOME to a folder of your own");
    return folder;
}

} // namespace

std::filesystem::path default_state_root(const std::filesystem::path& home) {
    const char* named = std::getenv("XDG_STATE_HOME"); // NOLINT(concurrency-mt-unsafe): read only
    if (named != nullptr && named[0] == '/')
        return std::filesystem::path{named} / "gestvenv";
    return home / ".local" / "state" / "gestvenv";
}

// False: somebody else has it, or the folder is gone.
outcome<bool> state_folder::take_lock(bool make) {
    folder_ = descriptor{::open(path().c_str(), folder_flags)};
    if (!folder_) {
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
            return false;
        return system_failure(errno, "cannot open the state folder " + path().string());
    }
    int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | (make ? O_CREAT | O_EXCL : 0);
    lock_ = descriptor{::openat(folder_.get(), lock_name, flags, 0600)};
    if (!lock_) {
        if (errno == ENOENT)
            return false;
        return system_failure(errno, "cannot open the lock in " + path().string());
    }
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            return false;
        return system_failure(errno, "cannot lock " + path().string());
    }
    // The one before us may have finished and removed it between our open and our lock.
    struct stat held {};
    struct stat there {};
    return ::fstat(lock_.get(), &held) == 0 && ::fstatat(folder_.get(), lock_name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

outcome<state_folder> state_folder::create(const std::filesystem::path& root) {
    // Bounded: each further round means that a runtime which ended at this very moment removed the root, or that a
    // finder took our empty folder for an abandoned one.
    for (int attempt = 0; attempt < 100; ++attempt) {
        std::error_code problem; // what is really wrong shows in the next call
        std::filesystem::create_directories(root.parent_path(), problem);
        if (::mkdir(root.c_str(), 0700) < 0 && errno != EEXIST)
            return system_failure(errno, "cannot create the state folder " + root.string());
        auto checked = open_root(root);
        if (!checked)
            return failure(checked.error());
        state_folder result{root, random_identifier()};
        if (::mkdirat(checked->get(), result.id_.c_str(), 0700) < 0) {
            if (errno == ENOENT)
                continue;
            return system_failure(errno, "cannot create the state folder " + result.path().string());
        }
        auto locked = result.take_lock(true);
        if (!locked)
            return failure(locked.error());
        if (*locked)
            return result;
    }
    return failure(error_code::system_failure, "the state folder " + root.string() + " keeps disappearing");
}

outcome<std::vector<state_folder>> state_folder::find_free(const std::filesystem::path& root) {
    std::vector<state_folder> found;
    if (::access(root.c_str(), F_OK) != 0)
        return found;
    auto folder = open_root(root);
    if (!folder)
        return failure(folder.error());
    for (const auto& name : names_in(folder->get())) {
        if (!is_identifier(name) || found.size() >= most_found)
            continue;
        state_folder candidate{root, name};
        auto locked = candidate.take_lock(false);
        if (locked && *locked)
            found.push_back(std::move(candidate));
        else if (!candidate.lock_)
            ::unlinkat(folder->get(), name.c_str(), AT_REMOVEDIR); // made and abandoned before it had a lock
    }
    return found;
}

outcome<void> state_folder::remove() {
    for (const auto& name : names_in(folder_.get()))
        if (name != lock_name && ::unlinkat(folder_.get(), name.c_str(), 0) < 0 && errno != ENOENT)
            return system_failure(errno, "cannot remove " + (path() / name).string());
    if (::unlinkat(folder_.get(), lock_name, 0) < 0 && errno != ENOENT)
        return system_failure(errno, "cannot remove the lock in " + path().string());
    if (::rmdir(path().c_str()) < 0 && errno != ENOENT)
        return system_failure(errno, "cannot remove the state folder " + path().string());
    ::rmdir(root_.c_str()); // the last one turns off the light; any other runtime's folder keeps it
    lock_.reset();
    folder_.reset();
    return {};
}

} // namespace gestvenv
