// SPDX-License-Identifier: MIT
// What one descriptor is waited for, which changes as its owner's buffers fill and empty.
#pragma once

#include "system/process/reactor.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace gestvenv::execution {

/// On the reactor's thread alone.
class descriptor_watch {
public:
    /// Has `news` called for any of `wanted` (epoll_ctl(2)) from now on, or for nothing: what is not wanted is not watched,
    /// because a hangup is always told, and would be again and again.
    template <class News>
    outcome<void> want(reactor& events, int number, std::uint32_t wanted, const News& news) {
        if (wanted == 0) {
            stop(events, number);
            return {};
        }
        if (token_)
            return events.change(number, *token_, wanted);
        auto token = events.watch(number, wanted, news);
        if (!token)
            return failure(std::move(token).error());
        token_ = *token;
        return {};
    }

    void stop(reactor& events, int number) {
        if (auto token = std::exchange(token_, std::nullopt))
            events.unwatch(number, *token);
    }

private:
    std::optional<reactor::token> token_;
};

} // namespace gestvenv::execution
