// SPDX-License-Identifier: MIT
#include "tools/faults/harness/syscall_draw.hpp"

#include <fmt/format.h>

#include <array>
#include <random>

namespace gestvenv::faults {

namespace {

constexpr std::array storages{storage_backend::tmpfs, storage_backend::memory, storage_backend::disk};

// A thread makes most calls a few times, some a thousand times: small numbers come more often than large
// ones.
constexpr std::size_t largest_power_alone = 8;
constexpr std::size_t largest_power_of_many = 4;
constexpr unsigned largest_step = 6;

} // namespace

const std::vector<failing_call>& failing_calls() {
    // As the manual pages have them, for reasons that a program may meet: a full disk, a broken one, no
    // memory, no descriptors, no processes, a filter or a policy, a signal.
    static const std::vector<failing_call> all{
        {"openat", {"EMFILE", "ENFILE", "ENOMEM", "EACCES", "EIO", "EINTR"}},
        {"read", {"EIO", "EINTR"}},
        {"write", {"EIO", "ENOSPC", "EDQUOT", "EINTR", "EAGAIN"}},
        {"pread64", {"EIO", "EINTR"}},
        {"pwrite64", {"EIO", "ENOSPC", "EDQUOT"}},
        {"poll", {"EINTR", "ENOMEM"}},
        {"ppoll", {"EINTR", "ENOMEM"}},
        {"epoll_wait", {"EINTR"}},
        {"epoll_ctl", {"ENOMEM", "ENOSPC"}},
        {"epoll_create1", {"EMFILE", "ENFILE", "ENOMEM"}},
        {"recvmsg", {"EINTR", "ENOMEM"}},
        {"sendmsg", {"EAGAIN", "ENOBUFS", "ENOMEM", "EINTR"}},
        {"fcntl", {"EMFILE", "EINTR", "ENOLCK"}},
        {"getdents64", {"EIO", "ENOMEM"}},
        {"newfstatat", {"EACCES", "EIO", "ENOMEM"}},
        {"statx", {"EACCES", "EIO", "ENOMEM"}},
        {"readlink", {"EACCES", "EIO", "ENOMEM"}},
        {"faccessat2", {"EACCES", "EIO", "ENOSYS"}},
        {"unlink", {"EIO", "EROFS", "EBUSY", "EPERM"}},
        {"unlinkat", {"EIO", "EROFS", "EBUSY", "EPERM"}},
        {"rmdir", {"EIO", "EBUSY", "EPERM"}},
        {"mkdir", {"ENOSPC", "EACCES", "EROFS", "EIO"}},
        {"mkdirat", {"ENOSPC", "EDQUOT", "EIO"}},
        {"symlinkat", {"ENOSPC", "EIO", "EPERM"}},
        {"rename", {"ENOSPC", "EIO", "EACCES"}},
        {"ftruncate", {"EIO", "ENOSPC"}},
        {"fallocate", {"ENOSPC", "EOPNOTSUPP", "EIO"}},
        {"fdatasync", {"EIO", "ENOSPC"}},
        {"fsync", {"EIO", "ENOSPC"}},
        {"flock", {"ENOLCK", "EINTR", "EAGAIN"}},
        {"chdir", {"EACCES", "ENOENT", "EIO"}},
        {"getcwd", {"ENOENT", "ENOMEM"}},
        {"fchown", {"EPERM", "EIO"}},
        {"fchmod", {"EPERM", "EIO", "EROFS"}},
        {"fstatfs", {"EIO", "ENOSYS"}},
        {"ioctl", {"EIO", "EPERM"}},
        {"pipe2", {"EMFILE", "ENFILE"}},
        {"socketpair", {"EMFILE", "ENFILE", "ENOMEM"}},
        {"eventfd2", {"EMFILE", "ENFILE", "ENOMEM"}},
        {"signalfd4", {"EMFILE", "ENFILE", "ENOMEM"}},
        {"memfd_create", {"EMFILE", "ENOMEM", "ENOSYS"}},
        {"dup2", {"EBUSY", "EINTR", "EMFILE"}},
        {"dup3", {"EBUSY", "EINTR", "EMFILE"}},
        {"close_range", {"ENOMEM", "EMFILE", "ENOSYS"}},
        {"clone", {"EAGAIN", "ENOMEM"}},
        {"clone3", {"EAGAIN", "ENOMEM", "ENOSYS", "EPERM"}},
        {"execve", {"EACCES", "EIO", "ENOMEM"}},
        {"wait4", {"EINTR"}},
        {"waitid", {"EINTR"}},
        {"kill", {"EPERM"}},
        {"pidfd_open", {"EMFILE", "ENFILE", "ENOMEM", "ENOSYS"}},
        {"pidfd_send_signal", {"EPERM", "ENOSYS"}},
        {"mount", {"EPERM", "ENOMEM", "EBUSY"}},
        {"fsopen", {"EPERM", "ENOMEM", "ENOSYS"}},
        {"fsconfig", {"ENOMEM", "EINVAL"}},
        {"fsmount", {"EPERM", "ENOMEM"}},
        {"move_mount", {"EPERM", "EBUSY", "ENOMEM"}},
        {"open_tree", {"EPERM", "EMFILE", "ENOSYS"}},
        {"openat2", {"EMFILE", "EACCES", "ENOSYS", "EAGAIN"}},
        {"setsid", {"EPERM"}},
        {"prctl", {"EPERM", "EINVAL"}},
        {"capset", {"EPERM"}},
        {"prlimit64", {"EPERM"}},
        {"getrandom", {"EINTR", "ENOSYS", "EPERM"}},
        {"clock_nanosleep", {"EINTR"}},
    };
    return all;
}

std::string injection_of(const syscall_cycle& what) {
    auto when = fmt::format("{}", what.first);
    if (what.where == syscall_cycle::position::from_on)
        when += "+";
    else if (what.where == syscall_cycle::position::every)
        when += fmt::format("+{}", what.step);
    return fmt::format("{}:error={}:when={}", what.call, what.error, when);
}

std::string to_string(const syscall_cycle& what) {
    return fmt::format("{}, storage {}{}{}", injection_of(what), to_string(what.storage),
                       what.installs ? ", with an installation" : "",
                       what.cold ? ", with an interpreter that is not known yet" : "");
}

syscall_cycle draw_syscall(std::uint64_t seed, std::uint64_t number) {
    std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                        static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32)};
    std::mt19937_64 random{words};
    // The standard's distributions differ between libraries, the engine does not.
    auto below = [&random](std::size_t count) { return static_cast<std::size_t>(random() % count); };
    const auto& call = failing_calls()[below(failing_calls().size())];
    syscall_cycle result;
    result.call = call.name;
    result.error = call.errors[below(call.errors.size())];
    result.where = std::array{syscall_cycle::position::single, syscall_cycle::position::from_on,
                              syscall_cycle::position::every}[below(3)];
    const auto largest_power =
        result.where == syscall_cycle::position::single ? largest_power_alone : largest_power_of_many;
    result.first = static_cast<unsigned>(1 + below(std::size_t{1} << below(largest_power + 1)));
    // A call that is interrupted for ever is no fault that there is.
    const bool interrupts = result.error == "EINTR";
    if (interrupts && result.where == syscall_cycle::position::from_on)
        result.where = syscall_cycle::position::every;
    if (result.where == syscall_cycle::position::every)
        result.step = static_cast<unsigned>((interrupts ? 2 : 1) + below(largest_step));
    result.storage = storages[below(storages.size())];
    result.installs = below(8) == 0;
    result.cold = below(8) == 0;
    return result;
}

} // namespace gestvenv::faults
