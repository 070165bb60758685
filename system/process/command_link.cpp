// SPDX-License-Identifier: MIT
#include "system/process/command_link.hpp"

#include <utility>

namespace gestvenv {

void command_link::on_stop(std::function<void(int)> hear) {
    std::scoped_lock lock{mutex_};
    on_stop_ = std::move(hear);
}

// Under the lock to the end, so that what comes meanwhile overtakes nothing.
bool command_link::give(order what) {
    std::scoped_lock lock{mutex_};
    if (ended_)
        return false;
    if (!begun_) {
        if (waiting_.size() < most_waiting)
            waiting_.push_back(std::move(what));
        return true;
    }
    auto living = receiver_.lock();
    if (living)
        what(*living, number_);
    return living != nullptr;
}

bool command_link::signal(protocol::signal what) {
    return give([what](command_receiver& receiver, std::uint64_t number) mutable {
        what.command = number;
        receiver.signal(what);
    });
}

bool command_link::kill(std::chrono::milliseconds grace) {
    return give([grace](command_receiver& receiver, std::uint64_t number) { receiver.kill(number, grace); });
}

void command_link::begin(std::weak_ptr<command_receiver> receiver, std::uint64_t number) {
    std::scoped_lock lock{mutex_};
    receiver_ = std::move(receiver);
    number_ = number;
    begun_ = true;
    auto living = receiver_.lock();
    for (auto& what : std::exchange(waiting_, {}))
        if (living)
            what(*living, number_);
}

void command_link::stopped(int number) {
    std::function<void(int)> hear;
    {
        std::scoped_lock lock{mutex_};
        hear = on_stop_;
    }
    if (hear)
        hear(number);
}

void command_link::end() {
    std::scoped_lock lock{mutex_};
    ended_ = true;
    waiting_.clear();
    on_stop_ = nullptr;
}

} // namespace gestvenv
