// SPDX-License-Identifier: MIT
#include "system/storage/orphaned_folders.hpp"

#include "system/posix/folder_names.hpp"
#include "system/posix/try_lock.hpp"
#include "system/storage/open_folder.hpp"
#include "system/storage/owner_marker.hpp"
#include "system/storage/storage_root.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

// Empty where there is no such root, or another user may have made one of this name.
descriptor open_own_root(const std::string& root) {
    descriptor folder{::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    return folder && belongs_to_us_alone(folder) ? std::move(folder) : descriptor{};
}

bool take(const descriptor& folder) {
    return try_lock(folder.get(), LOCK_EX);
}

} // namespace

std::vector<orphaned_folder> orphaned_folders(const std::string& root, std::size_t most) {
    std::vector<orphaned_folder> found;
    auto parent = open_own_root(root);
    if (!parent)
        return found;
    auto names = names_in(parent, root);
    if (!names) // as one that is not there: the next search finds it again
        return found;
    for (const auto& name : *names) {
        if (found.size() >= most)
            break;
        auto marker = read_owner_marker(parent, name);
        if (marker.found != owner_marker::finding::marked || !marker.of_this_user)
            continue;
        auto folder = open_beneath(parent.get(), name.c_str(), O_RDONLY);
        if (folder && take(folder))
            found.push_back({root + "/" + name, std::move(marker.owner), std::move(folder)});
    }
    return found;
}

std::optional<orphaned_folder> take_folder(const std::string& root, std::string_view beginning) {
    auto parent = open_own_root(root);
    auto names = parent ? names_in(parent, root) : std::vector<std::string>{};
    if (!names)
        return {};
    for (const auto& name : *names) {
        auto folder =
            name.starts_with(beginning) ? open_beneath(parent.get(), name.c_str(), O_RDONLY) : descriptor{};
        if (!folder)
            continue;
        auto marker = read_owner_marker(parent, name);
        if (!marker.of_this_user)
            continue;
        const bool taken = take(folder);
        return orphaned_folder{root + "/" + name, std::move(marker.owner),
                               taken ? std::move(folder) : descriptor{}};
    }
    return {};
}

} // namespace gestvenv
