// SPDX-License-Identifier: MIT
// The last sample of each environment, for readers that must neither measure nor ask an actor: one per process, written
// by the monitors of its runtimes.
#pragma once

#include <gestvenv/resource_usage.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// Thread-safe.
class usage_board {
public:
    struct entry {
        std::string environment_id;
        /// Unset before the first sampling.
        std::optional<usage_sample> sample;
        /// No alert in force is critical.
        bool healthy = true;
    };

    static usage_board& of_process() {
        static auto* board = new usage_board; // monitors may outlive the static objects
        return *board;
    }

    void put(const std::string& id, const std::optional<usage_sample>& sample, bool healthy) {
        std::scoped_lock lock{mutex_};
        entries_.insert_or_assign(id, entry{id, sample, healthy});
    }
    void remove(const std::string& id) {
        std::scoped_lock lock{mutex_};
        entries_.erase(id);
    }
    /// In the order of their ids.
    std::vector<entry> copy() const {
        std::scoped_lock lock{mutex_};
        std::vector<entry> all;
        all.reserve(entries_.size());
        for (const auto& [id, one] : entries_)
            all.push_back(one);
        return all;
    }

private:
    usage_board() = default;

    mutable std::mutex mutex_;
    std::map<std::string, entry> entries_;
};

} // namespace gestvenv
