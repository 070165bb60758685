// SPDX-License-Identifier: MIT
#include "system/process/outbox.hpp"

#include "system/process/protocol.hpp"

#include <sys/epoll.h>

#include <utility>

namespace gestvenv {

namespace {

constexpr std::uint32_t input = EPOLLIN | EPOLLRDHUP | EPOLLET;

error other_end_gone() {
    return {error_code::environment_gone, "the process at the other end is gone", {}, {}};
}

} // namespace

outcome<void> outbox::watch(reactor& events, reactor::handler news) {
    auto watched = events.watch(connection_.get(), input, std::move(news));
    if (!watched)
        return failure(watched.error());
    events_ = &events;
    watched_ = *watched;
    return want_room(!waiting_.empty());
}

void outbox::close() {
    if (auto* events = std::exchange(events_, nullptr))
        events->unwatch(connection_.get(), watched_);
    connection_.reset();
}

outcome<void> outbox::send(std::string bytes, std::vector<descriptor> attached) {
    if (waiting_.size() >= most_waiting)
        return failure(error_code::system_failure, "a process of ours does not take its messages");
    const auto request = protocol::request_of(bytes);
    auto message = packet::make(std::move(bytes));
    if (!message)
        return failure(message.error());
    item next{request, std::move(*message), std::move(attached)};
    if (!waiting_.empty()) {
        waiting_.push_back(std::move(next));
        return flush();
    }
    auto sent = send_one(next);
    if (!sent)
        return failure(sent.error());
    if (*sent == channel::status::closed)
        return failure(other_end_gone());
    if (*sent == channel::status::would_block) {
        waiting_.push_back(std::move(next));
        patience_.progress(); // it is the first that waits
        (void)wait_on();      // and has not waited long
    }
    return want_room(!waiting_.empty());
}

outcome<void> outbox::flush() {
    if (auto sent = send_waiting(); !sent)
        return sent;
    return want_room(!waiting_.empty());
}

outcome<channel::status> outbox::send_one(const item& next) {
    std::vector<int> numbers;
    for (const auto& attached : next.attached)
        numbers.push_back(attached.get());
    return connection_.send(next.message, numbers);
}

outcome<void> outbox::send_waiting() {
    while (!waiting_.empty()) {
        auto sent = send_one(waiting_.front());
        if (sent && *sent == channel::status::would_block)
            return wait_on();
        if (sent && *sent == channel::status::closed)
            return failure(other_end_gone());
        patience_.progress();
        auto request = waiting_.front().request;
        waiting_.pop_front();
        if (!sent)
            on_unsent_(request, sent.error());
    }
    return {};
}

outcome<void> outbox::wait_on() {
    if (patience_.in_vain(send_patience::clock::now(), [this] { return connection_.has_room(); }))
        return {};
    return failure(error_code::environment_gone, "the process at the other end does not take its messages");
}

outcome<void> outbox::want_room(bool wanted) {
    if (events_ == nullptr)
        return {};
    if (wanted)
        events_->call_at(watched_, patience_.next_try());
    if (wanted == wants_room_)
        return {};
    wants_room_ = wanted;
    return events_->change(connection_.get(), watched_, wanted ? input | EPOLLOUT : input);
}

} // namespace gestvenv
