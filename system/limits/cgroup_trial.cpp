// SPDX-License-Identifier: MIT
#include "system/limits/cgroup_trial.hpp"

#include "messages/fault_point.hpp"
#include "system/limits/cgroup_tree.hpp"
#include "system/posix/folder_names.hpp"
#include "system/posix/try_lock.hpp"
#include "system/random_identifier.hpp"
#include "system/trial_record.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace gestvenv {

namespace {

constexpr std::string_view prefix = "gestvenv-probe-";
constexpr int most_attempts = 10;
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

} // namespace

outcome<cgroup> make_cgroup_trial(const cgroup_tree& tree) {
    // Bounded: another trial at the same time may take a group that has no lock yet for an orphaned one.
    for (int attempt = 1; attempt <= most_attempts; ++attempt) {
        fault_point("launcher: is about to try a group");
        auto made = tree.make(std::string{prefix} + random_identifier());
        fault_point("launcher: has made a group to try");
        if (made && try_lock(made->get(), LOCK_EX) && ::access(made->path().c_str(), F_OK) == 0)
            return made;
        if (!made && attempt == most_attempts)
            return made;
    }
    return failure(error_code::system_failure, "groups in " + tree.parent() + " keep disappearing");
}

bool remove_orphaned_trials(const std::string& parent) {
    descriptor folder{::open(parent.c_str(), folder_flags)};
    if (!folder)
        return errno == ENOENT;
    auto names = names_in(folder, parent);
    if (!names) // the next start tries again
        return false;
    bool none_left = true;
    for (const auto& name : *names) {
        if (!name.starts_with(prefix))
            continue;
        descriptor trial{::openat(folder.get(), name.c_str(), folder_flags)};
        // What is not empty, or is another user's, stays; the rest may be held by a living program.
        bool removed = trial && try_lock(trial.get(), LOCK_EX) &&
                       ::unlinkat(folder.get(), name.c_str(), AT_REMOVEDIR) == 0;
        none_left = none_left && removed;
    }
    return none_left;
}

void remove_orphaned_trials(trial_record& record) {
    const auto places = record.unsettled();
    for (const auto& place : places)
        if (remove_orphaned_trials(place)) {
            ::rmdir(place.c_str()); // as any user of it does where it is empty
            record.settle(place);
        }
}

} // namespace gestvenv
