// SPDX-License-Identifier: MIT
// How long the kernel lets a thread run before it is another one's turn (sched_setattr(2): sched_runtime of
// SCHED_OTHER and SCHED_BATCH, since Linux 6.12). A thread with short turns gets them earlier when it wakes up on a busy
// machine, and no larger share of the processor. What runs between a user and the program that was asked for wakes
// often and works little: short turns are for us, and not for that program.
#pragma once

#include <chrono>
#include <optional>

namespace gestvenv {

/// Makes the turns of the calling thread, and of all that it starts from now on, short. Returns how long they were;
/// unset: they stay, because the kernel knows of none, they are short already, or a filter refuses it.
std::optional<std::chrono::nanoseconds> shorten_time_slice() noexcept;

/// For a thread with short turns, or a process it has made. Async-signal-safe.
void restore_time_slice(std::chrono::nanoseconds slice) noexcept;

/// For a program of ours that has shortened its own: what commands get of all launchers that it starts later.
void pass_time_slice_on(std::optional<std::chrono::nanoseconds> slice) noexcept;
std::optional<std::chrono::nanoseconds> time_slice_to_pass_on() noexcept;

/// For the start of another program of ours, which shortens its own: meanwhile the calling thread has what was passed on.
class original_time_slice {
public:
    original_time_slice() noexcept;
    original_time_slice(const original_time_slice&) = delete;
    original_time_slice& operator=(const original_time_slice&) = delete;
    ~original_time_slice();
};

} // namespace gestvenv
