// SPDX-License-Identifier: MIT
#include "net/files/contained_path.hpp"

#include "messages/shown_text.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <unistd.h>

namespace gestvenv::files {

namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
constexpr unsigned mode_of_made_folders = 0755;
// With RESOLVE_BENEATH a rename elsewhere during `..` is EAGAIN: it is for the caller to try again.
constexpr int attempts = 32;

// Without openat2(2): each part by itself, and no link.
descriptor open_by_steps(int folder, const path_parts& path, int flags, unsigned mode) {
    descriptor at{::openat(folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    for (std::size_t i = 0; at && i + 1 < path.size(); ++i)
        at = descriptor{::openat(at.get(), path[i].c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!at)
        return at;
    const auto* last = path.empty() ? "." : path.back().c_str();
    descriptor found{::openat(at.get(), last, flags | O_NOFOLLOW | O_CLOEXEC, mode)};
    struct stat facts {};
    // O_PATH opens a link itself (open(2)).
    if (found && (flags & O_NOFOLLOW) == 0 && ::fstat(found.get(), &facts) == 0 && S_ISLNK(facts.st_mode)) {
        found.reset();
        errno = ELOOP;
    }
    return found;
}

} // namespace

outcome<path_parts> parts_of(std::string_view path) {
    auto refused = [&](std::string_view why) {
        return failure(error_code::invalid_argument, fmt::format("{} {}", shown(path), why),
                       "paths are relative to the environment's work folder");
    };
    if (path.starts_with('/'))
        return refused("is an absolute path");
    if (path.find('\0') != std::string_view::npos)
        return refused("has a NUL in it");
    if (path.size() >= PATH_MAX)
        return refused(fmt::format("is longer than {} bytes", PATH_MAX - 1));
    path_parts parts;
    for (std::size_t at = 0; at < path.size();) {
        auto end = std::min(path.find('/', at), path.size());
        auto part = path.substr(at, end - at);
        at = end + 1;
        if (part.empty() || part == ".")
            continue;
        if (part == "..")
            return refused("has `..` in it");
        if (part.size() > NAME_MAX)
            return refused(fmt::format("has a part of more than {} bytes", NAME_MAX));
        parts.emplace_back(part);
    }
    if (parts.size() > deepest)
        return refused(fmt::format("is more than {} folders deep", deepest));
    return parts;
}

std::string text_of(const path_parts& parts) {
    return fmt::format("{}", fmt::join(parts, "/"));
}

descriptor open_inside(int folder, const path_parts& path, int flags, links how, unsigned mode) {
    open_how wish{};
    wish.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
    wish.mode = mode;
    wish.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    if (how == links::refused)
        wish.resolve |= RESOLVE_NO_SYMLINKS;
    const auto name = path.empty() ? "." : text_of(path);
    for (int attempt = 0; attempt < attempts; ++attempt) {
        descriptor found{static_cast<int>(::syscall(SYS_openat2, folder, name.c_str(), &wish, sizeof wish))};
        if (found)
            return found;
        if (errno == ENOSYS || errno == EPERM)
            return open_by_steps(folder, path, flags, mode);
        if (errno != EAGAIN && errno != EINTR)
            return {};
    }
    return {};
}

tl::unexpected<error> open_failure(int error_number, const path_parts& path) {
    const auto name = shown(path.empty() ? "." : text_of(path));
    switch (error_number) {
    case ENOENT:
        return failure(error_code::not_found,
                       fmt::format("there is no {} in the environment's work folder", name));
    case ENOTDIR:
        return failure(error_code::invalid_argument, fmt::format("a part of {} is no folder", name));
    case EISDIR:
        return failure(error_code::invalid_argument, fmt::format("{} is a folder", name));
    case EXDEV:
        return failure(error_code::permission_denied,
                       fmt::format("{} leads out of the environment's work folder", name),
                       "name what it leads to, if that is in the work folder");
    case ELOOP:
        return failure(error_code::permission_denied,
                       fmt::format("{} goes through a symbolic link, which is not followed here", name));
    case EAGAIN:
        return failure(error_code::request_conflict,
                       fmt::format("{} is being changed, or a program holds a lease on it", name),
                       "try again");
    default:
        return system_failure(error_number, fmt::format("cannot open {}", name));
    }
}

outcome<descriptor> open_parent(int folder, const path_parts& path, bool makes_missing) {
    auto parts = path;
    parts.pop_back();
    auto found = open_inside(folder, parts, folder_flags, links::refused);
    if (found)
        return found;
    if (errno != ENOENT || !makes_missing)
        return open_failure(errno, parts);
    descriptor at{::openat(folder, ".", folder_flags)};
    path_parts so_far;
    for (const auto& part : parts) {
        so_far.push_back(part);
        if (at && ::mkdirat(at.get(), part.c_str(), mode_of_made_folders) < 0 && errno != EEXIST)
            at.reset();
        else if (at)
            at = open_inside(at.get(), {part}, folder_flags, links::refused);
        if (!at)
            return open_failure(errno, so_far);
    }
    return at;
}

outcome<descriptor> open_work_folder(const std::string& environment_folder) {
    // The first step may follow a link: for a storage in a private mount the path is one below /proc.
    descriptor environment{::open(environment_folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    descriptor work{environment ? ::openat(environment.get(), "work", folder_flags | O_NOFOLLOW) : -1};
    if (work)
        return work;
    if (errno == ENOENT || errno == ELOOP || errno == ENOTDIR)
        return failure(error_code::environment_gone,
                       "the environment's work folder is gone, or something else is in its place");
    return system_failure(errno, "cannot open the environment's work folder");
}

} // namespace gestvenv::files
