// SPDX-License-Identifier: MIT
// Work in a pid namespace of its own, where numbers are few and no other process takes one.
#pragma once

#include "system/isolation/private_mounts.hpp"

#include <functional>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gestvenv::test {

/// What `work` returns in the namespace's first process, which has a /proc of its own; 10 to 12 where that
/// cannot be had, -1 where it ended by a signal. Only root can.
inline int in_pid_namespace(const std::function<int()>& work) {
    auto status_of = [](pid_t child) {
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    };
    auto outer = ::fork();
    if (outer != 0)
        return status_of(outer);
    if (::unshare(CLONE_NEWPID | CLONE_NEWNS) != 0)
        ::_exit(10);
    auto init = ::fork();
    if (init != 0) {
        auto status = status_of(init);
        ::_exit(status < 0 ? 11 : status);
    }
    if (make_mounts_private() != 0 || ::mount("proc", "/proc", "proc", 0, nullptr) != 0)
        ::_exit(12);
    ::_exit(work());
}

} // namespace gestvenv::test
