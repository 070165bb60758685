// SPDX-License-Identifier: MIT
#include "system/posix/process_handle.hpp"

#include "system/posix/process_facts.hpp"
#include "system/posix/system_failure.hpp"

#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <string>

namespace gestvenv {

namespace {

// What a kernel without a call answers, and what filters answer in its place.
bool is_refused(int error_number) {
    return error_number == ENOSYS || error_number == EPERM;
}

bool is_gone(const process_handle& process) {
    if (process.watched() >= 0) {
        pollfd item{process.watched(), POLLIN, 0};
        return ::poll(&item, 1, 0) > 0;
    }
    auto facts = process_facts::of(process.pid());
    if (facts)
        return !facts->alive() || (process.start_time() != 0 && facts->start_time != process.start_time());
    return ::kill(process.pid(), 0) < 0 && errno == ESRCH;
}

} // namespace

outcome<process_handle> open_process(pid_t pid) {
    descriptor pidfd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
    if (pidfd)
        return process_handle{pid, std::move(pidfd)};
    auto problem = errno;
    if (is_refused(problem)) {
        if (auto facts = process_facts::of(pid))
            return process_handle{pid, facts->start_time};
        problem = ::kill(pid, 0) < 0 && errno == ESRCH ? ESRCH : problem;
    }
    return system_failure(problem, "cannot hold process " + std::to_string(pid));
}

outcome<bool> send_signal(const process_handle& process, int signal_number) {
    if (process.watched() >= 0) {
        if (::syscall(SYS_pidfd_send_signal, process.watched(), signal_number, nullptr, 0) == 0)
            return true;
        if (errno == ESRCH)
            return false;
        if (!is_refused(errno))
            return system_failure(errno, "cannot send signal " + std::to_string(signal_number));
    }
    // A number goes to another process only after its end, which the look just before would have seen.
    if (is_gone(process))
        return false;
    if (::kill(process.pid(), signal_number) == 0)
        return true;
    if (errno == ESRCH)
        return false;
    return system_failure(errno, "cannot send signal " + std::to_string(signal_number));
}

bool has_ended(const process_handle& process, std::chrono::milliseconds limit) {
    using clock = std::chrono::steady_clock;
    const auto deadline = clock::now() + limit;
    for (;;) {
        if (is_gone(process))
            return true;
        auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
        if (left.count() <= 0)
            return false;
        pollfd item{process.watched(), POLLIN, 0};
        ::poll(
            &item, 1,
            static_cast<int>((process.watched() >= 0 ? left : std::min(left, look_interval / 10)).count()));
    }
}

} // namespace gestvenv
