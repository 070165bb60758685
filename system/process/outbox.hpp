// Messages to one peer, sent at once where the socket has room and otherwise in order as soon as it has.
#pragma once

#include "system/process/channel.hpp"

#include <deque>
#include <string>
#include <vector>

namespace gestvenv {

/// Not thread-safe.
class outbox {
public:
    /// Bound on what waits for a peer that does not read, in messages; a further one is an error.
    static constexpr std::size_t most_waiting = 10000;

    explicit outbox(channel connection) : connection_(std::move(connection)) {}

    channel& connection() noexcept { return connection_; }

    outcome<void> send(std::string bytes, std::vector<descriptor> attached = {}) {
        if (waiting_.size() >= most_waiting)
            return failure(error_code::system_failure, "a process of ours does not take its messages");
        waiting_.push_back({std::move(bytes), std::move(attached)});
        return flush();
    }

    /// Sends what the socket takes; call when it becomes writable.
    outcome<void> flush() {
        while (!waiting_.empty()) {
            auto& next = waiting_.front();
            std::vector<int> numbers;
            for (const auto& attached : next.attached)
                numbers.push_back(attached.get());
            auto sent = connection_.send(next.bytes, numbers);
            if (!sent)
                return failure(sent.error());
            if (*sent == channel::status::would_block)
                return {};
            if (*sent == channel::status::closed)
                return failure(error_code::environment_gone, "the process at the other end is gone");
            waiting_.pop_front();
        }
        return {};
    }

private:
    struct item {
        std::string bytes;
        std::vector<descriptor> attached;
    };

    channel connection_;
    std::deque<item> waiting_;
};

} // namespace gestvenv
