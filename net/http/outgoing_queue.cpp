// SPDX-License-Identifier: MIT
#include "net/http/outgoing_queue.hpp"

#include <utility>

namespace gestvenv::http {

void outgoing_queue::wake(std::unique_lock<std::mutex>& hold) {
    bool already = std::exchange(woken_, true);
    hold.unlock();
    if (already)
        return;
    loop_->post([self = shared_from_this()] {
        {
            std::lock_guard guard{self->guard_};
            self->woken_ = false;
        }
        // A copy: it may be replaced while it runs.
        if (auto consumer = self->consumer_)
            consumer();
    });
}

bool outgoing_queue::put(std::string bytes, bool binary) {
    std::unique_lock hold{guard_};
    if (gone_ || ended_ || broken_)
        return true;
    waiting_ += bytes.size();
    pieces_.push_back({std::move(bytes), binary});
    if (waiting_ > 2 * most_) {
        broken_ = true;
        pieces_.clear();
    }
    bool room = waiting_ <= most_;
    wake(hold);
    return room;
}

void outgoing_queue::on_room(std::function<void()> resume) {
    std::unique_lock hold{guard_};
    if (gone_ || ended_ || broken_)
        return;
    if (waiting_ > most_ / 2) {
        room_ = std::move(resume);
        return;
    }
    hold.unlock();
    loop_->post(std::move(resume));
}

void outgoing_queue::on_gone(std::function<void()> hear) {
    std::unique_lock hold{guard_};
    if (ended_)
        return;
    if (!gone_) {
        hear_gone_ = std::move(hear);
        return;
    }
    hold.unlock();
    loop_->post(std::move(hear));
}

void outgoing_queue::end() {
    std::unique_lock hold{guard_};
    ended_ = true;
    wake(hold);
}

void outgoing_queue::abandon() {
    std::unique_lock hold{guard_};
    // What they hold may be what holds the writer.
    auto room = std::exchange(room_, nullptr);
    auto hear = std::exchange(hear_gone_, nullptr);
    if (ended_ || gone_)
        return;
    broken_ = true;
    pieces_.clear();
    wake(hold);
}

void outgoing_queue::attach(std::function<void()> hear) {
    consumer_ = std::move(hear);
}

outgoing_queue::batch outgoing_queue::take(std::size_t most_bytes) {
    batch taken;
    std::lock_guard hold{guard_};
    while (!pieces_.empty() &&
           (taken.pieces.empty() || taken.bytes + pieces_.front().bytes.size() <= most_bytes)) {
        taken.bytes += pieces_.front().bytes.size();
        taken.pieces.push_back(std::move(pieces_.front()));
        pieces_.pop_front();
    }
    taken.ended = ended_ && pieces_.empty();
    taken.broken = broken_;
    return taken;
}

void outgoing_queue::sent(std::size_t bytes) {
    std::unique_lock hold{guard_};
    waiting_ -= bytes;
    if (!room_ || waiting_ > most_ / 2)
        return;
    auto resume = std::exchange(room_, nullptr);
    hold.unlock();
    resume();
}

void outgoing_queue::gone() {
    std::unique_lock hold{guard_};
    consumer_ = nullptr;
    if (std::exchange(gone_, true))
        return;
    pieces_.clear();
    auto room = std::exchange(room_, nullptr);
    auto hear = std::exchange(hear_gone_, nullptr);
    bool ended = ended_;
    hold.unlock();
    if (hear && !ended)
        hear();
}

} // namespace gestvenv::http
