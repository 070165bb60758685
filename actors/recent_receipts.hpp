// SPDX-License-Identifier: MIT
// The receipts of environments that have ended lately: a caller that held one, or that was just about to end
// it, learns how it ended.
#pragma once

#include <gestvenv/teardown_receipt.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <string>

namespace gestvenv {

/// Bounded: the oldest goes first. Not thread-safe.
class recent_receipts {
public:
    static constexpr std::size_t most = 1000;

    void add(const teardown_receipt& receipt) {
        if (!by_id_.insert_or_assign(receipt.environment_id, receipt).second)
            return;
        in_order_.push_back(receipt.environment_id);
        if (in_order_.size() <= most)
            return;
        by_id_.erase(in_order_.front());
        in_order_.pop_front();
    }

    /// Null for one that is not known, or has been forgotten.
    const teardown_receipt* find(const std::string& id) const {
        auto found = by_id_.find(id);
        return found == by_id_.end() ? nullptr : &found->second;
    }

private:
    std::map<std::string, teardown_receipt> by_id_;
    std::deque<std::string> in_order_;
};

} // namespace gestvenv
