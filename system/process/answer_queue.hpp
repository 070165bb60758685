// What a process of ours has to say over a channel, in order, as fast as the other end takes it. For single
// threads with a loop of their own (launcher, keeper); the runtime has an outbox.
#pragma once

#include "system/process/channel.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

namespace gestvenv {

/// Not thread-safe.
class answer_queue {
public:
    /// Makes the short message that takes the place of an answer which cannot be sent: too long, or there is
    /// no memory or descriptor for it.
    using substitute = std::function<std::string(std::uint64_t request, error why)>;

    explicit answer_queue(substitute make_substitute) : make_substitute_(std::move(make_substitute)) {}

    void push(std::string bytes, descriptor attached = {});
    bool empty() const noexcept { return waiting_.empty(); }
    void clear() { waiting_.clear(); }

    /// Sends what `connection` takes; false when nothing can be sent any more.
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
};

} // namespace gestvenv
