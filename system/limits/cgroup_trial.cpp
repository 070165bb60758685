#include "system/limits/cgroup_trial.hpp"

#include "messages/fault_point.hpp"
#include "system/limits/cgroup_tree.hpp"
#include "system/random_identifier.hpp"

#include <sys/file.h>

#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

constexpr std::string_view prefix = "gestvenv-probe-";
constexpr int most_attempts = 10;
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

} // namespace

outcome<cgroup> make_cgroup_trial(const cgroup_tree& tree) {
    // Bounded: whoever tries at the same time may take a group that has no lock yet for an abandoned one.
    for (int attempt = 1; attempt <= most_attempts; ++attempt) {
        fault_point("launcher: is about to try a group");
        auto made = tree.make(std::string{prefix} + random_identifier());
        fault_point("launcher: has made a group to try");
        if (made && ::flock(made->get(), LOCK_EX | LOCK_NB) == 0 && ::access(made->path().c_str(), F_OK) == 0)
            return made;
        if (!made && attempt == most_attempts)
            return made;
    }
    return failure(error_code::system_failure, "groups in " + tree.parent() + " keep disappearing");
}

void remove_abandoned_trials(const std::string& parent) {
    descriptor folder{::open(parent.c_str(), folder_flags)};
    descriptor listed{folder ? ::openat(folder.get(), ".", folder_flags) : -1};
    std::unique_ptr<DIR, int (*)(DIR*)> entries{listed ? ::fdopendir(listed.get()) : nullptr, ::closedir};
    if (!entries)
        return;
    static_cast<void>(listed.release());             // the stream closes it
    while (auto* entry = ::readdir(entries.get())) { // NOLINT(concurrency-mt-unsafe): a stream of our own
        if (!std::string_view{entry->d_name}.starts_with(prefix))
            continue;
        descriptor trial{::openat(folder.get(), entry->d_name, folder_flags)};
        if (trial && ::flock(trial.get(), LOCK_EX | LOCK_NB) == 0)
            // What is not empty, or is another user's, stays.
            ::unlinkat(folder.get(), entry->d_name, AT_REMOVEDIR);
    }
}

} // namespace gestvenv
