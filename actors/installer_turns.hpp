// SPDX-License-Identifier: MIT
// How long environments have waited for their turn at the installer, so that it does not count against the
// time that their creation may take.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace gestvenv {

/// Thread-safe: written by the installer, read by the supervisor.
class installer_turns {
public:
    using instant = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;

    /// The environment waits from now on.
    void waits(const std::string& id, instant now) {
        std::scoped_lock lock{mutex_};
        entries_[id].since = now;
    }

    /// Its turn has come.
    void has_come(const std::string& id, instant now) {
        std::scoped_lock lock{mutex_};
        auto found = entries_.find(id);
        if (found == entries_.end() || !found->second.since)
            return;
        found->second.before += now - *found->second.since;
        found->second.since.reset();
    }

    /// In all, with what it is waiting now.
    duration waited(const std::string& id, instant now) const {
        std::scoped_lock lock{mutex_};
        auto found = entries_.find(id);
        if (found == entries_.end())
            return duration::zero();
        return found->second.before + (found->second.since ? now - *found->second.since : duration::zero());
    }

    void forget(const std::string& id) {
        std::scoped_lock lock{mutex_};
        entries_.erase(id);
    }

private:
    struct entry {
        duration before = duration::zero();
        std::optional<instant> since;
    };

    mutable std::mutex mutex_;
    std::map<std::string, entry> entries_;
};

} // namespace gestvenv
