#include "system/process/answer_queue.hpp"

#include <span>

namespace gestvenv {

bool answer_queue::flush(channel& connection) {
    while (!waiting_.empty()) {
        const auto& next = waiting_.front();
        int number = next.attached.get();
        auto sent = connection.send(next.bytes,
                                    number >= 0 ? std::span<const int>{&number, 1} : std::span<const int>{});
        if (sent && *sent == channel::status::would_block)
            return true;
        if (!sent || *sent == channel::status::closed)
            return false;
        waiting_.pop_front();
    }
    return true;
}

} // namespace gestvenv
