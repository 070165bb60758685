// SPDX-License-Identifier: MIT
#include "net/execution/connection.hpp"

#include <sys/epoll.h>

namespace gestvenv::execution {

void connection::open() {
    open_ = true;
    watch();
}

void connection::watch() {
    const std::uint32_t events = EPOLLIN | (socket_.waiting() > 0 ? EPOLLOUT : 0U);
    auto watched = loop_->events().watch(
        socket_.get(), events, [self = shared_from_this()](std::uint32_t now) { self->handle(now); });
    if (!watched)
        return fail(&watched.error());
    token_ = *watched;
    wants_room_ = socket_.waiting() > 0;
}

void connection::handle(std::uint32_t events) {
    if (events == 0)
        return late();
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0)
        read();
    if (is_open())
        send_waiting();
}

void connection::read() {
    auto open = socket_.read();
    if (!open)
        return fail(&open.error());
    at_end_ = !*open;
    deliver();
}

void connection::deliver() {
    while (is_open() && !paused_ && !failed_ && !closing_) {
        auto next = socket_.next();
        if (next && !*next)
            break;
        auto taken = next ? take(std::move(**next)) : outcome<void>{failure(next.error())};
        if (!taken)
            return fail(&taken.error());
    }
    if (at_end_ && is_open() && !paused_)
        fail(nullptr);
}

void connection::send_waiting() {
    const auto before = socket_.waiting();
    if (auto flushed = socket_.flush(); !flushed)
        return fail(&flushed.error());
    const auto left = socket_.waiting();
    if (left < before)
        sent();
    if (closing_ && left == 0)
        return close();
    if (closing_ && left < before)
        set_deadline(send_patience_);
    if (token_ != 0 && wants_room_ != (left > 0)) {
        wants_room_ = left > 0;
        (void)loop_->events().change(socket_.get(), token_, EPOLLIN | (wants_room_ ? EPOLLOUT : 0U));
    }
}

void connection::close_when_sent(std::chrono::milliseconds patience) {
    closing_ = true;
    send_patience_ = patience;
    if (socket_.waiting() == 0 || token_ == 0)
        return close();
    set_deadline(patience);
}

void connection::close() {
    open_ = false;
    if (auto token = std::exchange(token_, 0); token != 0)
        loop_->events().unwatch(socket_.get(), token);
    socket_.close();
}

void connection::set_deadline(std::chrono::milliseconds after) {
    if (token_ == 0)
        return;
    const auto when = after.count() > 0 ? reactor::clock::now() + after : reactor::clock::time_point::max();
    loop_->events().call_at(token_, when);
}

void connection::pause() {
    if (std::exchange(paused_, true) || !is_open())
        return;
    loop_->hold(shared_from_this());
    // Not merely watched for less: that the other side has hung up is told in any case, and again and again.
    if (auto token = std::exchange(token_, 0); token != 0)
        loop_->events().unwatch(socket_.get(), token);
}

void connection::go_on() {
    if (!std::exchange(paused_, false))
        return;
    auto self = shared_from_this();
    loop_->let_go(self);
    if (!is_open())
        return;
    deliver();
    if (is_open() && !paused_)
        watch();
}

void connection::fail(const error* why) {
    auto self = shared_from_this();
    const bool known = failed_ || closing_;
    if (known || why == nullptr) {
        close();
        if (!known)
            ended(nullptr);
        return;
    }
    failed_ = true;
    const auto reason = *why;
    ended(&reason);
    if (!closing_)
        close();
}

} // namespace gestvenv::execution
