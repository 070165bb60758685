#include "system/launcher/clone.hpp"

#include "system/process/system_failure.hpp"

#include <linux/sched.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <unistd.h>

namespace gestvenv {

outcome<cloned> clone_process(std::uint64_t flags, int group, bool with_pidfd) {
    int pidfd = -1;
    clone_args arguments{};
    arguments.flags = flags;
    arguments.exit_signal = SIGCHLD;
    if (with_pidfd) {
        arguments.flags |= CLONE_PIDFD;
        arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    }
    if (group >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = static_cast<std::uint64_t>(group);
    }
    auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
    if (pid < 0)
        return system_failure(errno, "cannot start a process");
    return cloned{pid, pid == 0 ? descriptor{} : descriptor{pidfd}};
}

} // namespace gestvenv
