// SPDX-License-Identifier: MIT
#include "system/limits/orphaned_groups.hpp"

#include "system/limits/cgroup_tree.hpp"
#include "system/posix/folder_names.hpp"
#include "system/posix/system_failure.hpp"
#include "system/posix/try_lock.hpp"
#include "system/random_identifier.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// As cgroup_name() has it, or with the whole id.
bool is_environment_group(std::string_view name) {
    constexpr std::string_view prefix = "gestvenv-";
    if (!name.starts_with(prefix))
        return false;
    auto id = name.substr(prefix.size());
    return is_identifier(id) ||
           (id.size() == 8 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos);
}

// By a wall clock that may have jumped since: what seems to come from the future is left for the next time.
bool is_old_enough(const descriptor& group) {
    struct stat facts {};
    if (::fstat(group.get(), &facts) != 0)
        return false;
    const std::chrono::system_clock::time_point changed{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::seconds{facts.st_ctim.tv_sec} + std::chrono::nanoseconds{facts.st_ctim.tv_nsec})};
    return std::chrono::system_clock::now() - changed > least_age_of_orphans;
}

bool is_ours(const descriptor& group) {
    struct stat facts {};
    return ::fstat(group.get(), &facts) == 0 && facts.st_uid == ::geteuid();
}

bool take(const descriptor& group) {
    return try_lock(group.get(), LOCK_EX);
}

// By path each time: its holder may be removing it.
void take_in_time(const std::string& path, std::chrono::steady_clock::time_point deadline,
                  groups_of_environment& result) {
    constexpr int between_looks = 5; // ms
    for (;;) {
        descriptor group{::open(path.c_str(), folder_flags)};
        if (!group) {
            if (errno != ENOENT)
                result.left.push_back(
                    {"cgroup", path, system_failure(errno, "it cannot be opened").value().message});
            return;
        }
        if (!is_ours(group))
            return;
        if (take(group)) {
            result.taken.push_back({path, std::move(group)});
            return;
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            result.left.push_back({"cgroup", path, "another program holds it"});
            return;
        }
        ::poll(nullptr, 0, between_looks);
    }
}

} // namespace

outcome<cgroup> make_held(const cgroup_tree& tree, const std::string& name) {
    auto made = tree.make(name);
    if (!made || try_lock(made->get(), LOCK_EX))
        return made;
    auto refused =
        errno == EWOULDBLOCK
            ? failure(error_code::system_failure, "the cgroup " + made->path() + " was taken for orphaned")
                  .value()
            : system_failure(errno, "cannot lock the cgroup " + made->path()).value();
    // Its holder is about to do the same. A failure leaves an empty group, found through the journal.
    (void)made->remove();
    return failure(std::move(refused));
}

void use_without_holding(const cgroup& group) noexcept {
    // What cannot be opened anew stays held: found a little later, through the journal.
    descriptor fresh{::openat(group.get(), ".", folder_flags)};
    if (fresh)
        ::dup3(fresh.get(), group.get(), O_CLOEXEC);
}

std::vector<orphaned_group> orphaned_groups(const std::string& parent, std::size_t most) {
    std::vector<orphaned_group> found;
    descriptor folder{::open(parent.c_str(), folder_flags)};
    auto names = folder ? names_in(folder, parent) : std::vector<std::string>{};
    if (!names) // as without any: the next search finds them again
        return found;
    for (const auto& name : *names) {
        if (found.size() >= most)
            break;
        if (!is_environment_group(name))
            continue;
        descriptor group{::openat(folder.get(), name.c_str(), folder_flags)};
        if (group && is_ours(group) && is_old_enough(group) && take(group))
            found.push_back({parent + "/" + name, std::move(group)});
    }
    return found;
}

std::vector<std::string> group_names_of(std::string_view environment_id) {
    return {cgroup_name(environment_id), "gestvenv-" + std::string{environment_id}};
}

groups_of_environment take_groups(const std::vector<std::string>& names,
                                  const std::vector<std::string>& parents,
                                  std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    groups_of_environment result;
    for (const auto& parent : parents)
        for (const auto& name : names)
            take_in_time(parent + "/" + name, deadline, result);
    return result;
}

bool is_held_group(const std::string& path) {
    descriptor group{::open(path.c_str(), folder_flags)};
    return group && is_ours(group) && !take(group);
}

} // namespace gestvenv
