// SPDX-License-Identifier: MIT
// All actors of a runtime, to end those that no supervisor ends any more: a supervisor that was killed has
// told its children nothing. Holds none of them alive. Thread-safe.
#pragma once

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv {

class living_actors {
public:
    void add(caf::actor_addr address, std::string name) {
        std::scoped_lock lock{mutex_};
        if (items_.size() >= prune_at_) {
            std::erase_if(items_,
                          [](const item& known) { return !caf::actor_cast<caf::actor>(known.address); });
            prune_at_ = std::max(least, 2 * items_.size());
        }
        items_.push_back({std::move(address), std::move(name)});
    }

    /// Tells each to end at once; what its handler is doing it finishes.
    void kill() {
        std::scoped_lock lock{mutex_};
        for (const auto& known : items_)
            if (auto living = caf::actor_cast<caf::actor>(known.address))
                caf::anon_send_exit(living, caf::exit_reason::kill);
    }

    /// Names of those that have not ended.
    std::vector<std::string> names() const {
        std::scoped_lock lock{mutex_};
        std::vector<std::string> result;
        for (const auto& known : items_)
            if (caf::actor_cast<caf::actor>(known.address))
                result.push_back(known.name);
        return result;
    }

private:
    struct item {
        caf::actor_addr address;
        std::string name;
    };
    static constexpr std::size_t least = 64;

    mutable std::mutex mutex_;
    std::vector<item> items_;
    std::size_t prune_at_ = least;
};

} // namespace gestvenv
