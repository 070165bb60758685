// SPDX-License-Identifier: MIT
// Which client an environment belongs to.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gestvenv {

/// Thread-safe. An environment that is not in it belongs to the local user.
class owners {
public:
    void add(const std::string& environment_id, std::string principal) {
        std::scoped_lock lock{mutex_};
        owners_.insert_or_assign(environment_id, std::move(principal));
    }
    void remove(const std::string& environment_id) {
        std::scoped_lock lock{mutex_};
        owners_.erase(environment_id);
    }
    std::string of(const std::string& environment_id) const {
        std::scoped_lock lock{mutex_};
        auto found = owners_.find(environment_id);
        return found == owners_.end() ? "local" : found->second;
    }

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::string> owners_;
};

} // namespace gestvenv
