// SPDX-License-Identifier: MIT
#include "system/launcher/keeper_birth.hpp"

#include "system/isolation/private_mounts.hpp"
#include "system/isolation/thread_bound.hpp"
#include "system/limits/orphaned_groups.hpp"
#include "system/posix/close_descriptors.hpp"
#include "system/posix/system_failure.hpp"
#include "system/storage/detached_mount.hpp"

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <vector>

namespace gestvenv {

namespace {

// The clone has every descriptor of the launcher, other environments' storage among them.
void close_strangers(const keeper_setup& setup) {
    std::vector<int> kept{setup.runtime->get(), setup.launcher->get()};
    if (setup.storage != nullptr)
        kept.push_back(setup.storage->get());
    for (const auto* item : {setup.shared_memory, setup.memory_above, setup.memory_events_above})
        if (item != nullptr)
            kept.push_back(item->get());
    if (setup.group != nullptr)
        kept.push_back(setup.group->get());
    for (const auto* group : setup.limits.joined)
        kept.push_back(group->get());
    close_all_but(std::move(kept));
    // A keeper that was stopped would hold them for ever.
    if (setup.group != nullptr)
        use_without_holding(*setup.group);
    for (const auto* group : setup.limits.joined)
        use_without_holding(*group);
    // Numbers 0 to 2 must never become something else by accident.
    while (true) {
        int number = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        if (number > 2) {
            ::close(number);
            break;
        }
        if (number < 0)
            ::_exit(1);
    }
}

void prepare_namespaces(const keeper_setup& setup, shared_memory_view& shm) {
    ::prctl(PR_SET_NAME, "gestvenv-keeper");
    ::setsid();
    // The launcher raised its own limits; commands get those their host program has.
    ::setrlimit(RLIMIT_NOFILE, &setup.open_files);
    ::setrlimit(RLIMIT_FSIZE, &setup.file_size);
    if (setup.in_force != containment::pid_namespace) {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        return;
    }
    // Private first: nothing mounted here may appear in the host's namespace.
    if (make_mounts_private() != 0 ||
        ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) < 0)
        ::_exit(1);
    if (setup.shared_memory != nullptr && shm.cover(*setup.shared_memory, setup.shared_memory_path) != 0)
        ::_exit(1);
    // Shows the queues of its own namespace. Where it cannot be mounted, the calls reach no others all the
    // same.
    if (setup.own_ipc)
        (void)::mount("mqueue", "/dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
    if (setup.storage != nullptr && !attach(*setup.storage, setup.attach_path))
        ::_exit(1);
    if (::chdir("/") < 0)
        ::_exit(1);
}

} // namespace

void prepare_keeper(const keeper_setup& setup, shared_memory_view& shm) {
    close_strangers(setup);
    prepare_namespaces(setup, shm);
}

outcome<void> enter_limits(const keeper_setup& setup) {
    if (setup.limits.threads_in_namespace)
        if (int problem = bound_threads(*setup.limits.threads_in_namespace); problem != 0)
            return system_failure(problem, "cannot bound the threads of a pid namespace");
    for (const auto* group : setup.limits.joined)
        if (auto joined = group->join(); !joined)
            return joined;
    return {};
}

// The signal last, because a change of credentials clears it; then the look at the launcher, because it
// may have died before the signal was set.
void tie_to_launcher(const keeper_setup& setup) {
    if (setup.in_force == containment::pid_namespace && ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        ::_exit(1);
    pollfd item{setup.launcher->get(), POLLIN, 0};
    if (::poll(&item, 1, 0) > 0)
        ::_exit(0);
}

} // namespace gestvenv
