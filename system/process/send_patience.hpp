// SPDX-License-Identifier: MIT
// How long a message is kept that the other end of a connection does not take.
#pragma once

#include <chrono>

namespace gestvenv {

/// Counts tries instead of time: a machine that was suspended, or a program that was stopped, has not tried.
/// Not thread-safe.
class send_patience {
public:
    using clock = std::chrono::steady_clock;
    /// What counts as a number of tries that is never reached.
    static constexpr int endless = -1;

    struct limits {
        /// How far two tries that count lie apart, at least.
        std::chrono::milliseconds interval{100};
        /// Tries in which there was no room: the other end does not read.
        int without_room = 100;
        /// Tries that were refused although there was room, which no healthy kernel does.
        int with_room = 10;
    };

    explicit send_patience(limits allowed) : allowed_(allowed) {}

    /// A message has left.
    void progress() noexcept { counted_ = with_room_ = 0; }

    /// A try was in vain; `has_room` is asked only where it counts. False when there were enough of them.
    template <class HasRoom>
    bool in_vain(clock::time_point now, HasRoom has_room) {
        if (counted_ == 0 || now - last_ >= allowed_.interval) {
            last_ = now;
            ++counted_;
            with_room_ = has_room() ? with_room_ + 1 : 0;
        }
        return with_room_ < allowed_.with_room &&
               (allowed_.without_room == endless || counted_ < allowed_.without_room);
    }

    /// Whether the last try that counts was refused although there was room: waiting for room is vain then.
    bool refused() const noexcept { return with_room_ > 0; }
    /// When the next try counts.
    clock::time_point next_try() const noexcept { return last_ + allowed_.interval; }

private:
    limits allowed_;
    clock::time_point last_;
    int counted_ = 0;
    int with_room_ = 0;
};

} // namespace gestvenv
