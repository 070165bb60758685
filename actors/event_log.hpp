// SPDX-License-Identifier: MIT
// The last events of a runtime, and who hears of new ones.
#pragma once

#include <gestvenv/runtime_event.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv {

/// Remembers a bounded number of events; publishing one wakes no thread unless there is a listener.
/// Thread-safe.
class event_log {
public:
    static constexpr std::size_t most_kept = 1000;

    using listener = std::function<void(const runtime_event&)>;

    /// Called for each later event in the thread that publishes it; must neither block nor throw.
    void listen(listener hears) {
        std::scoped_lock lock{mutex_};
        listeners_.push_back(std::move(hears));
    }

    void publish(event_kind kind, std::string environment_id, std::string environment_name,
                 std::string text) {
        publish({kind, std::chrono::system_clock::now(), std::move(environment_id),
                 std::move(environment_name), std::move(text)});
    }

    void publish(runtime_event event) {
        std::scoped_lock lock{mutex_};
        for (const auto& hears : listeners_)
            hears(event);
        events_.push_back(std::move(event));
        if (events_.size() > most_kept)
            events_.pop_front();
    }

    /// The last events about an environment, or all where `environment_id` is empty; oldest first.
    std::vector<runtime_event> last(std::size_t most, std::string_view environment_id = {}) const {
        std::scoped_lock lock{mutex_};
        std::vector<runtime_event> found;
        for (auto item = events_.rbegin(); item != events_.rend() && found.size() < most; ++item)
            if (environment_id.empty() || item->environment_id == environment_id)
                found.push_back(*item);
        return {found.rbegin(), found.rend()};
    }

private:
    mutable std::mutex mutex_;
    std::vector<listener> listeners_;
    std::deque<runtime_event> events_;
};

} // namespace gestvenv
