// SPDX-License-Identifier: MIT
#include "system/isolation/thread_bound.hpp"

#include "system/posix/descriptor.hpp"

#include <sys/utsname.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace gestvenv {

namespace {

// Numbers below are given out once, at the namespace's beginning (RESERVED_PIDS in the kernel's pid.c).
constexpr std::int64_t reserved_numbers = 300;

int write_number(const char* path, std::int64_t value) noexcept {
    std::array<char, 24> text{};
    auto length = std::snprintf(text.data(), text.size(), "%lld", static_cast<long long>(value));
    descriptor file{::open(path, O_WRONLY | O_CLOEXEC)};
    if (!file || ::write(file.get(), text.data(), static_cast<std::size_t>(length)) < 0)
        return errno;
    return 0;
}

} // namespace

bool has_pid_max_per_namespace() noexcept {
    utsname system{};
    unsigned major = 0;
    unsigned minor = 0;
    // NOLINTNEXTLINE(cert-err34-c): the count of converted fields is checked
    if (::uname(&system) < 0 || std::sscanf(system.release, "%u.%u", &major, &minor) != 2)
        return false;
    return major > 6 || (major == 6 && minor >= 14);
}

int bound_threads(std::int64_t threads) noexcept {
    // The next number is above the reserved ones, so that from the first on all come from one range.
    if (int problem = write_number("/proc/sys/kernel/ns_last_pid", reserved_numbers); problem != 0)
        return problem;
    return write_number("/proc/sys/kernel/pid_max", reserved_numbers + threads);
}

std::int64_t threads_in_this_namespace(std::int64_t threads) noexcept {
    std::int64_t count = 0;
    // kill(2) finds any thread by its number, and a signal 0 does nothing to it.
    for (std::int64_t number = 2; number < reserved_numbers + threads; ++number)
        if (::kill(static_cast<pid_t>(number), 0) == 0 || errno != ESRCH)
            ++count;
    return count;
}

} // namespace gestvenv
