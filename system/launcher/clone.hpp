// SPDX-License-Identifier: MIT
// A fork that can also make namespaces and join a cgroup: clone3(2), and clone(2) where a kernel or a filter
// has no clone3 (containers' usual filters answer ENOSYS). For single-threaded programs only: glibc has no
// wrapper, and nothing is done to bring other threads' locks in order.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/process_handle.hpp"

#include <cstdint>
#include <sys/types.h>

namespace gestvenv {

struct cloned {
    /// 0 in the child.
    pid_t pid = 0;
    /// In the parent, where asked for.
    process_handle process;
};

/// `flags`: CLONE_NEW... and CLONE_CLEAR_SIGHAND; `group`: the open cgroup folder the child is born in, or
/// -1.
outcome<cloned> clone_process(std::uint64_t flags, int group, bool with_handle);

} // namespace gestvenv
