// SPDX-License-Identifier: MIT
// What a process of ours has to say over a channel, in order, as fast as the other end takes it. For single
// threads with a loop of their own (launcher, keeper); the runtime has an outbox.
#pragma once

#include "system/process/channel.hpp"
#include "system/process/send_patience.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace gestvenv {

/// Not thread-safe.
class answer_queue {
public:
    /// Makes the short message that takes the place of an answer which cannot be sent: too long, or there is
    /// no memory or descriptor for it.
    using substitute = std::function<std::string(std::uint64_t request, error why)>;

    /// A reader may be stopped for as long as it likes, by a debugger, say; its end shows otherwise.
    static constexpr send_patience::limits allowed{.without_room = send_patience::endless};

    explicit answer_queue(substitute make_substitute, send_patience::limits patience = allowed)
        : make_substitute_(std::move(make_substitute)), patience_(patience) {}

    void push(std::string bytes, descriptor attached = {});
    bool empty() const noexcept { return waiting_.empty(); }
    /// Whether room in the connection is worth waiting for, with poll(2).
    bool wants_room() const noexcept { return !waiting_.empty() && !patience_.refused(); }
    /// When to flush in any case.
    std::optional<send_patience::clock::time_point> wake_at() const;
    void clear() { waiting_.clear(); }

    /// Sends what `connection` takes; false when nothing can be sent any more, or nothing could be for too
    /// long although there was room.
    bool flush(channel& connection);

private:
    struct item {
        std::uint64_t request = 0;
        packet message;
        descriptor attached;
        bool substituted = false;
    };

    item instead_of(std::uint64_t request, error why) const;

    substitute make_substitute_;
    std::deque<item> waiting_;
    send_patience patience_;
};

} // namespace gestvenv
