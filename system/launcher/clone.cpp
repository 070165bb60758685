// SPDX-License-Identifier: MIT
#include "system/launcher/clone.hpp"

#include "system/posix/process_facts.hpp"
#include "system/posix/system_failure.hpp"

#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr int joining_limit_milliseconds = 5000;

// What a kernel or a filter without it answers; one that does not know a flag, or that many arguments, says
// so in its own way. Each can have another reason, which clone(2) then meets as well.
bool may_lack_clone3(int error_number) {
    return error_number == ENOSYS || error_number == EPERM || error_number == EINVAL || error_number == E2BIG;
}

pid_t clone_new(std::uint64_t flags, int group, int* pidfd) {
    clone_args arguments{};
    arguments.flags = flags;
    arguments.exit_signal = SIGCHLD;
    if (pidfd != nullptr) {
        arguments.flags |= CLONE_PIDFD;
        arguments.pidfd = reinterpret_cast<std::uintptr_t>(pidfd);
    }
    if (group >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = static_cast<std::uint64_t>(group);
    }
    return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
}

// The child joins by itself, before it does anything else, and says how that went.
void join_group(int group, int writer) {
    descriptor file{::openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC)};
    int problem = file && ::write(file.get(), "0", 1) == 1 ? 0 : errno;
    if (::write(writer, &problem, sizeof problem) != sizeof problem || problem != 0)
        ::_exit(1);
}

int await_joining(int reader) {
    pollfd item{reader, POLLIN, 0};
    int ready = 0;
    do
        ready = ::poll(&item, 1, joining_limit_milliseconds);
    while (ready < 0 && errno == EINTR);
    int problem = 0;
    if (ready == 0)
        return ETIMEDOUT;
    return ::read(reader, &problem, sizeof problem) == sizeof problem ? problem : ECHILD;
}

pid_t clone_old(std::uint64_t flags, int group, int* pidfd) {
    descriptor reader;
    descriptor writer;
    if (group >= 0) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) < 0)
            return -1;
        reader = descriptor{ends[0]};
        writer = descriptor{ends[1]};
    }
    unsigned long old_flags = (flags & ~CLONE_CLEAR_SIGHAND) | SIGCHLD | (pidfd != nullptr ? CLONE_PIDFD : 0);
    auto pid = static_cast<pid_t>(::syscall(SYS_clone, old_flags, nullptr, pidfd, nullptr, nullptr));
    if (pid == 0) {
        if ((flags & CLONE_CLEAR_SIGHAND) != 0)
            for (int number = 1; number < NSIG; ++number)
                ::signal(number, SIG_DFL);
        if (group >= 0)
            join_group(group, writer.get());
        return 0;
    }
    writer.reset();
    if (pid < 0 || group < 0)
        return pid;
    if (int problem = await_joining(reader.get()); problem != 0) {
        ::kill(pid, SIGKILL);
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
        }
        if (pidfd != nullptr && *pidfd >= 0)
            ::close(*pidfd);
        errno = problem;
        return -1;
    }
    return pid;
}

} // namespace

outcome<cloned> clone_process(std::uint64_t flags, int group, bool with_handle) {
    static bool has_clone3 = true; // single-threaded programs
    int pidfd = -1;
    int* asked = with_handle ? &pidfd : nullptr;
    pid_t pid = has_clone3 ? clone_new(flags, group, asked) : -1;
    if (pid < 0 && (!has_clone3 || may_lack_clone3(errno))) {
        has_clone3 = has_clone3 && errno != ENOSYS;
        pid = clone_old(flags, group, asked);
    }
    if (pid < 0)
        return start_failure(errno, "cannot start a process");
    if (pid == 0)
        return cloned{0, {}};
    if (!with_handle)
        return cloned{pid, {}};
    // Kernels before 5.2 give none. It is our child: the number stays its own until it is waited for.
    if (pidfd < 0)
        return cloned{pid, process_handle{pid, start_time_of(pid).value_or(0)}};
    return cloned{pid, process_handle{pid, descriptor{pidfd}}};
}

} // namespace gestvenv
