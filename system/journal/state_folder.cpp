// SPDX-License-Identifier: MIT
#include "system/journal/state_folder.hpp"

#include "messages/fault_point.hpp"
#include "system/journal/schema.hpp"
#include "system/journal/space.hpp"
#include "system/journal/young_image.hpp"
#include "system/posix/folder_names.hpp"
#include "system/posix/system_failure.hpp"
#include "system/posix/try_lock.hpp"
#include "system/random_identifier.hpp"
#include "system/storage/remove_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <random>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr const char* lock_name = "lock";
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// Each further one means that a finder took our empty folder for an orphaned one at this very moment, or
/// that the last runtime but us removed the root.
constexpr int creation_attempts = 100;

tl::unexpected<error> cannot(std::string_view what, const std::filesystem::path& path, int problem) {
    auto reason = system_failure(problem, fmt::format("{} {}", what, path.string())).value();
    if (problem == EACCES || problem == EPERM || problem == EROFS || problem == ENOTDIR)
        reason.hint = "set XDG_STATE_HOME (and XDG_CACHE_HOME) to a folder that can be written to";
    return failure(std::move(reason));
}

/// No descriptor when there is no root.
outcome<descriptor> open_root(const std::filesystem::path& root) {
    descriptor folder{::open(root.c_str(), folder_flags)};
    if (!folder && errno == ENOENT)
        return folder;
    struct stat status {};
    if (!folder || ::fstat(folder.get(), &status) != 0)
        return cannot("cannot open the state folder", root, errno);
    if (status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return failure(error_code::permission_denied,
                       fmt::format("the state folder {} belongs to another user or can be written by others",
                                   root.string()),
                       "remove it, or set XDG_STATE_HOME to a folder of your own");
    return folder;
}

/// The folders above are the user's own affair: made where they are missing, 0700 as the XDG specification
/// has it, and not judged.
outcome<void> make_folders(const std::filesystem::path& path) {
    if (path.empty() || path == path.root_path())
        return {};
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST)
        return {};
    if (errno != ENOENT)
        return cannot("cannot create the folder", path, errno);
    if (auto made = make_folders(path.parent_path()); !made)
        return made;
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST)
        return {};
    return cannot("cannot create the folder", path, errno);
}

/// None when there is no root.
outcome<std::vector<std::string>> identifiers_in(const std::filesystem::path& root, descriptor& folder) {
    auto opened = open_root(root);
    if (!opened)
        return failure(std::move(opened).error());
    folder = std::move(*opened);
    if (!folder)
        return std::vector<std::string>{};
    return names_in(folder, root.string()).map([](std::vector<std::string> names) {
        std::erase_if(names, [](const std::string& name) { return !is_identifier(name); });
        return names;
    });
}

std::minstd_rand::result_type seed() {
    return static_cast<std::minstd_rand::result_type>(std::hash<std::string>{}(random_identifier()));
}

bool same_file(const struct stat& left, const struct stat& right) {
    return left.st_ino == right.st_ino && left.st_dev == right.st_dev;
}

} // namespace

std::filesystem::path default_state_root(const std::filesystem::path& home) {
    const char* named = std::getenv("XDG_STATE_HOME"); // NOLINT(concurrency-mt-unsafe): read only
    if (named != nullptr && named[0] == '/')
        return std::filesystem::path{named} / "gestvenv";
    return home / ".local" / "state" / "gestvenv";
}

outcome<std::vector<std::filesystem::path>> all_state_folders(const std::filesystem::path& root) {
    descriptor folder;
    return identifiers_in(root, folder).map([&](const std::vector<std::string>& names) {
        std::vector<std::filesystem::path> paths;
        for (const auto& name : names)
            paths.push_back(root / name);
        return paths;
    });
}

outcome<state_folder::lock_result> state_folder::take_lock(const descriptor& root, bool make) {
    descriptor folder{::openat(root.get(), id_.c_str(), folder_flags)};
    struct stat status {};
    if (!folder && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return lock_result::not_ours;
    if (!folder || ::fstat(folder.get(), &status) != 0)
        return system_failure(errno, fmt::format("cannot open the state folder {}", path().string()));
    if (status.st_uid != ::geteuid())
        return lock_result::not_ours;
    // A creator makes the lock file, a finder never does: the file says that the creator got so far.
    int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | (make ? O_CREAT | O_EXCL : 0);
    descriptor lock{::openat(folder.get(), lock_name, flags, 0600)};
    if (!lock && errno == ENOENT)
        return lock_result::without_lock_file;
    if (!lock)
        return system_failure(errno, fmt::format("cannot open the lock in {}", path().string()));
    if (!try_lock(lock.get(), LOCK_EX)) {
        if (errno == EWOULDBLOCK)
            return lock_result::not_ours;
        const bool has_no_locks = errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS;
        auto problem = system_failure(errno, fmt::format("cannot lock {}", path().string())).value();
        if (has_no_locks)
            problem.hint =
                "its file system has no locks (flock(2)): name a folder on another one by XDG_STATE_HOME";
        return failure(std::move(problem));
    }
    // Its holder before us may have finished and removed it between our open and our lock, or kept it as the spare one.
    struct stat held {};
    struct stat there {};
    struct stat named {};
    if (::fstat(lock.get(), &held) != 0 ||
        ::fstatat(folder.get(), lock_name, &there, AT_SYMLINK_NOFOLLOW) != 0 || !same_file(held, there) ||
        ::fstatat(root.get(), id_.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 || !same_file(status, named))
        return lock_result::not_ours;
    lock_ = forked_lock{std::move(lock)};
    return lock_result::taken;
}

bool state_folder::is_spare(const std::filesystem::path& path) {
    return path.filename() == spare_name || path.filename() == spare_root_name;
}

bool state_folder::is_held(const std::filesystem::path& path) {
    descriptor lock{::open((path / lock_name).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
    return lock && !try_lock(lock.get(), LOCK_SH) && errno == EWOULDBLOCK;
}

outcome<state_folder> state_folder::create(const std::filesystem::path& root) {
    for (int attempt = 0; attempt < creation_attempts; ++attempt) {
        if (auto made = make_folders(root); !made)
            return failure(std::move(made).error());
        auto folder = open_root(root);
        if (!folder)
            return failure(std::move(folder).error());
        if (!*folder)
            continue; // removed meanwhile, being empty
        state_folder result{root, random_identifier()};
        if (result.take_spare(*folder))
            return result;
        if (::mkdirat(folder->get(), result.id_.c_str(), 0700) != 0) {
            if (errno == ENOENT) // the root again
                continue;
            return system_failure(errno,
                                  fmt::format("cannot create the state folder {}", result.path().string()));
        }
        fault_point("state folder: is made, without a lock");
        auto locked = result.take_lock(*folder, true);
        if (!locked) {
            ::unlinkat(folder->get(), result.id_.c_str(), AT_REMOVEDIR); // else the next finder does
            return failure(std::move(locked).error());
        }
        if (*locked == lock_result::taken)
            return result;
    }
    return failure(error_code::system_failure,
                   fmt::format("the state folder {} keeps disappearing", root.string()));
}

// Only the holder of its lock renames it.
bool state_folder::take_spare(const descriptor& root) {
    state_folder spare{root_, spare_name};
    auto locked = spare.take_lock(root, false);
    if (locked && *locked == lock_result::without_lock_file)
        static_cast<void>(
            remove_tree(root, spare_name)); // of no use to anyone; what stays is tried next time
    if (!locked || *locked != lock_result::taken ||
        ::renameat2(root.get(), spare_name, root.get(), id_.c_str(), RENAME_NOREPLACE) != 0)
        return false;
    lock_ = std::move(spare.lock_);
    fault_point("state folder: is taken over");
    return true;
}

outcome<std::vector<state_folder>> state_folder::find_free(const std::filesystem::path& root,
                                                           std::size_t most) {
    descriptor folder;
    auto names = identifiers_in(root, folder);
    if (!names)
        return failure(std::move(names).error());
    // In any order: a folder that cannot be finished must not keep others from being found for ever.
    std::shuffle(names->begin(), names->end(), std::minstd_rand{seed()});
    std::vector<state_folder> found;
    for (const auto& name : *names) {
        if (found.size() >= most)
            break;
        state_folder candidate{root, name};
        auto locked = candidate.take_lock(folder, false);
        if (!locked)
            continue; // as documented; the next search finds it again
        // Without a lock file and empty: given up by its creator, or removed but for itself. A creator that
        // is just about to make the lock finds the folder gone and makes another one.
        if (*locked == lock_result::without_lock_file &&
            ::unlinkat(folder.get(), name.c_str(), AT_REMOVEDIR) != 0 && errno == ENOTEMPTY)
            // The lock file has been taken away: no creator or remover leaves a folder like this.
            locked = candidate.take_lock(folder, true);
        if (locked && *locked == lock_result::taken)
            found.push_back(std::move(candidate));
    }
    return found;
}

outcome<void> state_folder::remove() {
    auto root = open_root(root_);
    if (!root)
        return failure(std::move(root).error());
    descriptor folder;
    if (*root) {
        folder = descriptor{::openat(root->get(), id_.c_str(), folder_flags)};
        if (!folder && errno != ENOENT)
            return system_failure(errno, fmt::format("cannot open the state folder {}", path().string()));
    }
    fault_point("state folder: is about to be removed");
    if (folder) {
        auto names = names_in(folder, path().string());
        if (!names)
            return failure(std::move(names).error());
        for (const auto& name : *names) {
            if (name == lock_name)
                continue;
            if (::unlinkat(folder.get(), name.c_str(), 0) == 0 || errno == ENOENT)
                continue;
            if (errno != EISDIR)
                return system_failure(errno, fmt::format("cannot remove {}", (path() / name).string()));
            if (auto removal = remove_tree(folder, name); !removal.residue.empty())
                return failure(error_code::system_failure,
                               fmt::format("cannot remove {}: {}", (path() / name).string(),
                                           removal.residue.front().why));
        }
        fault_point("state folder: is empty but for its lock");
        // From here on a finder sees a folder without a lock file, which it removes like we do.
        if (::unlinkat(folder.get(), lock_name, 0) != 0 && errno != ENOENT)
            return system_failure(errno, fmt::format("cannot remove the lock in {}", path().string()));
        fault_point("state folder: is without its lock");
        // Not empty: a finder that had seen the folder before it had a lock has made one now, and removes the
        // rest.
        if (::unlinkat(root->get(), id_.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT && errno != ENOTEMPTY)
            return system_failure(errno, fmt::format("cannot remove the state folder {}", path().string()));
    }
    ::rmdir(root_.c_str()); // fails while another runtime has a folder in it
    lock_.reset();
    return {};
}

bool state_folder::holds_journal_alone(const descriptor& folder) const {
    auto names = names_in(folder, path().string());
    if (!names)
        return false;
    const auto database = std::string{journal_schema::file_name};
    return std::all_of(names->begin(), names->end(), [&](const std::string& name) {
        struct stat status {};
        const auto most = name == database ? young_image::file_size : journal_space::log_size;
        return name == lock_name ||
               ((name == database || name == database + "-wal") &&
                ::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                status.st_size <= most);
    });
}

bool state_folder::keep_for_next() {
    auto root = open_root(root_);
    if (!root || !*root)
        return false;
    descriptor folder{::openat(root->get(), id_.c_str(), folder_flags)};
    if (!folder || ::faccessat(root->get(), spare_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
        !holds_journal_alone(folder) ||
        !journal_schema::set_aside_for_next(path() / journal_schema::file_name))
        return false;
    fault_point("state folder: is about to be kept");
    if (::renameat2(root->get(), id_.c_str(), root->get(), spare_name, RENAME_NOREPLACE) != 0)
        return false;
    fault_point("state folder: is kept");
    lock_.reset();
    return true;
}

} // namespace gestvenv
