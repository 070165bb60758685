// SPDX-License-Identifier: MIT
// Which client an environment belongs to.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace gestvenv {

/// Thread-safe. An environment that is not in it belongs to the local user.
class owners {
public:
    /// Environments that have ended: their events and receipts are still asked for.
    static constexpr std::size_t most_ended = 10'000;

    void add(const std::string& environment_id, std::string principal) {
        std::scoped_lock lock{mutex_};
        owners_.insert_or_assign(environment_id, std::move(principal));
    }
    void has_ended(const std::string& environment_id) {
        std::scoped_lock lock{mutex_};
        if (!owners_.contains(environment_id))
            return;
        ended_.push_back(environment_id);
        if (ended_.size() <= most_ended)
            return;
        owners_.erase(ended_.front());
        ended_.pop_front();
    }
    std::string of(const std::string& environment_id) const {
        std::scoped_lock lock{mutex_};
        auto found = owners_.find(environment_id);
        return found == owners_.end() ? "local" : found->second;
    }

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::string> owners_;
    std::deque<std::string> ended_;
};

} // namespace gestvenv
