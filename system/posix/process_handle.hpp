// SPDX-License-Identifier: MIT
// One process, held so that its number cannot come to name another: by pidfd, and where the kernel or a
// filter has none (pidfd_open(2), Linux 5.3), by its number and the time of its start.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace gestvenv {

/// How often a process without a pidfd is looked at by those who wait for its end.
inline constexpr std::chrono::milliseconds look_interval{50};

class process_handle {
public:
    process_handle() = default;
    process_handle(pid_t pid, descriptor pidfd) noexcept : pid_(pid), pidfd_(std::move(pidfd)) {}
    process_handle(pid_t pid, std::uint64_t start_time) noexcept : pid_(pid), start_time_(start_time) {}

    explicit operator bool() const noexcept { return pid_ > 0; }
    pid_t pid() const noexcept { return pid_; }
    /// Becomes readable when the process has ended; -1 where there is no pidfd: then it has to be looked at.
    int watched() const noexcept { return pidfd_.get(); }
    /// In ticks since boot, where there is no pidfd.
    std::uint64_t start_time() const noexcept { return start_time_; }

private:
    pid_t pid_ = -1;
    std::uint64_t start_time_ = 0;
    descriptor pidfd_;
};

/// Close-on-exec. Fails when there is no such process.
outcome<process_handle> open_process(pid_t pid);

/// False when the process is gone already, which is no error.
outcome<bool> send_signal(const process_handle& process, int signal_number);

/// Whether the process ended, waiting up to `limit` for it. One that nothing has waited for yet has ended.
bool has_ended(const process_handle& process, std::chrono::milliseconds limit = std::chrono::milliseconds{0});

} // namespace gestvenv
