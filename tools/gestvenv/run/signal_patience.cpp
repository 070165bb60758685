// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/signal_patience.hpp"

#include <csignal>

namespace gestvenv::cli {

namespace {

constexpr std::chrono::seconds interrupts_within{2};
constexpr std::size_t most_interrupts = 3;

// timeout(1) sends its signal to its child, and then to the group that the child is in. A busy machine may be
// slow in between; a person or a program that asks again is slower.
constexpr std::chrono::milliseconds same_termination{250};
constexpr std::chrono::milliseconds same_interrupt{50};

} // namespace

bool signal_patience::repeats(const request& last, pid_t sender, clock::time_point now,
                              std::chrono::milliseconds window) {
    return sender != 0 && last.sender == sender && now - last.when < window;
}

bool signal_patience::exceeded_by(int signal, pid_t sender, clock::time_point now) {
    if (signal == SIGTERM) {
        if (!termination_) {
            termination_ = request{sender, now};
            return false;
        }
        return !repeats(*termination_, sender, now, same_termination);
    }
    if (signal != SIGINT)
        return false;
    if (!interrupts_.empty() && repeats(interrupts_.back(), sender, now, same_interrupt))
        return false;
    while (!interrupts_.empty() && now - interrupts_.front().when > interrupts_within)
        interrupts_.pop_front();
    interrupts_.push_back({sender, now});
    return interrupts_.size() >= most_interrupts;
}

} // namespace gestvenv::cli
