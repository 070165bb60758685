// SPDX-License-Identifier: MIT
// Answers that came when no actor was there to take them: counted, the last ones named.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv {

struct dead_letter {
    std::chrono::system_clock::time_point at;
    /// Whom it was for.
    std::string receiver;
};

/// Thread-safe.
class dead_letters {
public:
    static constexpr std::size_t most_kept = 100;

    void add(std::string receiver) {
        std::scoped_lock lock{mutex_};
        ++count_;
        last_.push_back({std::chrono::system_clock::now(), std::move(receiver)});
        if (last_.size() > most_kept)
            last_.pop_front();
    }
    /// Since the beginning.
    std::uint64_t count() const {
        std::scoped_lock lock{mutex_};
        return count_;
    }
    std::vector<dead_letter> last() const {
        std::scoped_lock lock{mutex_};
        return {last_.begin(), last_.end()};
    }

private:
    mutable std::mutex mutex_;
    std::uint64_t count_ = 0;
    std::deque<dead_letter> last_;
};

} // namespace gestvenv
