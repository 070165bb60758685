// SPDX-License-Identifier: MIT
#include "system/launcher/orphan_hunt.hpp"

#include <algorithm>

namespace gestvenv {

void orphan_hunt::expect(const std::string& id, const std::vector<found_process>& processes) {
    for (const auto& process : processes)
        expected_[process.pid] = {process.start_time, {id}};
}

void orphan_hunt::forget(const std::string& id) {
    std::erase_if(expected_, [&id](const auto& item) { return item.second.may_be_of.contains(id); });
}

std::vector<pid_t> orphan_hunt::give_up(const std::string& id) {
    hunted_for_.erase(id);
    forget(id);
    std::vector<pid_t> left;
    for (const auto& [pid, process] : seen_)
        if (process.may_be_of.contains(id))
            left.push_back(pid);
    return left;
}

void orphan_hunt::advance() {
    if (hunted_for_.empty() || clock::now() < next_pass_)
        return;
    // Who begins while this pass looks may have left what it has seen, and what it has not.
    const auto looked_for = hunted_for_;
    const auto pass = kill_once_();
    next_pass_ = clock::now() + pause_;
    pause_ = std::min(pause_ * 2, longest_pause);
    // What was seen before may have been overlooked this time.
    auto now = pass.complete ? std::map<pid_t, orphan>{} : seen_;
    for (const auto& process : pass.found) {
        auto find_in = [&process](std::map<pid_t, orphan>& all) {
            auto item = all.find(process.pid);
            return item != all.end() && item->second.start_time == process.start_time ? &item->second
                                                                                      : nullptr;
        };
        const auto* same = find_in(seen_);
        const auto* told = same != nullptr ? same : find_in(expected_);
        now[process.pid] = told != nullptr ? orphan{process.start_time, told->may_be_of}
                                           : orphan{process.start_time, hunted_for_};
        if (same == nullptr)
            pause_ = shortest_pause;
    }
    if (now.size() < seen_.size())
        pause_ = shortest_pause;
    seen_ = std::move(now);
    if (hunted_for_.size() > looked_for.size())
        next_pass_ = {};
    std::erase_if(hunted_for_, [&](const std::string& id) {
        bool done = pass.complete && looked_for.contains(id) &&
                    std::none_of(seen_.begin(), seen_.end(),
                                 [&id](const auto& item) { return item.second.may_be_of.contains(id); });
        if (done)
            forget(id);
        return done;
    });
}

std::optional<orphan_hunt::clock::time_point> orphan_hunt::wake_at() const {
    if (hunted_for_.empty())
        return std::nullopt;
    return next_pass_;
}

} // namespace gestvenv
