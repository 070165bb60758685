// SPDX-License-Identifier: MIT
#include "system/isolation/private_mounts.hpp"

#include "system/posix/descriptor.hpp"

#include <sys/mount.h>

#include <cerrno>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace gestvenv {

int make_mounts_private() noexcept {
    auto all_private = [] { return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0; };
    if (all_private())
        return 0;
    if (errno != EINVAL)
        return errno;
    // Our root is no mount point, and only what is one can be made private. To enter the namespace that we
    // are in leads to its own root (setns(2)); from there all can be, and then we go back.
    descriptor root{::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    descriptor here{::open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC)};
    if (!root || !here || ::setns(here.get(), CLONE_NEWNS) < 0)
        return errno;
    int problem = all_private() ? 0 : errno;
    if (::fchdir(root.get()) < 0 || ::chroot(".") < 0)
        return errno;
    return problem;
}

} // namespace gestvenv
