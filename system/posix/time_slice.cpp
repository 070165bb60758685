// SPDX-License-Identifier: MIT
#include "system/posix/time_slice.hpp"

#include <sched.h>
#include <sys/syscall.h>

#include <cstdint>
#include <unistd.h>

namespace gestvenv {

namespace {

// sched_setattr(2); the C library has declared it since 2.41 only.
struct scheduling {
    std::uint32_t size = sizeof(scheduling);
    std::uint32_t policy = 0;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
    std::uint32_t least_utilisation = 0;
    std::uint32_t most_utilisation = 0;
};

// Shorter than the kernel's own (1.4 to 3 ms), so that a wake-up interrupts others, and long enough for most of what is done
// then: who has used up a turn waits for the end of another's, which without high-resolution ticks is a timer tick away.
constexpr std::chrono::nanoseconds short_slice{300'000};

// Written before there is a second thread.
std::optional<std::chrono::nanoseconds> passed_on;

bool read_scheduling(scheduling& result) noexcept {
    return ::syscall(SYS_sched_getattr, 0, &result, sizeof result, 0) == 0 &&
           (result.policy == SCHED_OTHER || result.policy == SCHED_BATCH);
}

bool set_slice(scheduling present, std::chrono::nanoseconds slice) noexcept {
    present.size = sizeof present;
    present.runtime = static_cast<std::uint64_t>(slice.count());
    return ::syscall(SYS_sched_setattr, 0, &present, 0) == 0;
}

} // namespace

std::optional<std::chrono::nanoseconds> shorten_time_slice() noexcept {
    scheduling present;
    if (!read_scheduling(present))
        return {};
    const std::chrono::nanoseconds before{present.runtime};
    if (before <= short_slice || !set_slice(present, short_slice))
        return {};
    return before;
}

void restore_time_slice(std::chrono::nanoseconds slice) noexcept {
    scheduling present;
    if (read_scheduling(present))
        static_cast<void>(set_slice(present, slice));
}

void pass_time_slice_on(std::optional<std::chrono::nanoseconds> slice) noexcept {
    passed_on = slice;
}

std::optional<std::chrono::nanoseconds> time_slice_to_pass_on() noexcept {
    return passed_on;
}

original_time_slice::original_time_slice() noexcept {
    if (passed_on)
        restore_time_slice(*passed_on);
}

original_time_slice::~original_time_slice() {
    if (passed_on)
        static_cast<void>(shorten_time_slice());
}

} // namespace gestvenv
