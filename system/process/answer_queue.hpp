// What a process of ours has to say over a channel, in order, as fast as the other end takes it. For single
// threads with a loop of their own (launcher, keeper); the runtime has an outbox.
#pragma once

#include "system/process/channel.hpp"

#include <deque>
#include <string>

namespace gestvenv {

/// Not thread-safe.
class answer_queue {
public:
    void push(std::string bytes, descriptor attached = {}) {
        waiting_.push_back({std::move(bytes), std::move(attached)});
    }
    bool empty() const noexcept { return waiting_.empty(); }
    void clear() { waiting_.clear(); }

    /// Sends what `connection` takes; false when nobody is there any more.
    bool flush(channel& connection);

private:
    struct item {
        std::string bytes;
        descriptor attached;
    };
    std::deque<item> waiting_;
};

} // namespace gestvenv
