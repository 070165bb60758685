// SPDX-License-Identifier: MIT
#include "system/process/answer_queue.hpp"

#include "system/process/protocol.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace gestvenv {

// Short enough for the socket itself: making it cannot fail.
answer_queue::item answer_queue::instead_of(std::uint64_t request, error why) const {
    constexpr std::size_t longest_text = 1000;
    why.message.resize(std::min(why.message.size(), longest_text));
    item result;
    result.request = request;
    result.message = packet::make(make_substitute_(request, std::move(why))).value_or(packet{});
    result.substituted = true;
    return result;
}

void answer_queue::push(std::string bytes, descriptor attached) {
    const auto request = protocol::request_of(bytes);
    auto message = packet::make(std::move(bytes));
    if (message)
        waiting_.push_back({request, std::move(*message), std::move(attached), false});
    else
        waiting_.push_back(instead_of(request, message.error()));
}

std::optional<send_patience::clock::time_point> answer_queue::wake_at() const {
    if (waiting_.empty() || !patience_.refused())
        return std::nullopt;
    return patience_.next_try();
}

bool answer_queue::flush(channel& connection) {
    while (!waiting_.empty()) {
        auto& next = waiting_.front();
        int number = next.attached.get();
        auto sent = connection.send(next.message,
                                    number >= 0 ? std::span<const int>{&number, 1} : std::span<const int>{});
        if (sent && *sent == channel::status::would_block)
            return patience_.in_vain(send_patience::clock::now(), [&] { return connection.has_room(); });
        patience_.progress();
        if (sent && *sent == channel::status::closed)
            return false;
        if (!sent && next.substituted)
            return false;
        if (!sent)
            next = instead_of(next.request, sent.error());
        else
            waiting_.pop_front();
    }
    return true;
}

} // namespace gestvenv
