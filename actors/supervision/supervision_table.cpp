// SPDX-License-Identifier: MIT
#include "actors/supervision/supervision_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gestvenv {

namespace {

bool is_started_again(restart_policy policy, child_end how) {
    if (how == child_end::misconfigured || policy == restart_policy::temporary)
        return false;
    return policy == restart_policy::permanent || how == child_end::abnormal;
}

} // namespace

std::string_view to_string(child_state value) noexcept {
    switch (value) {
    case child_state::waiting:
        return "waiting";
    case child_state::running:
        return "running";
    case child_state::stopping:
        return "stopping";
    case child_state::ended:
        return "ended";
    }
    return {};
}

void supervision_table::add(child_specification specification) {
    restart_backoff backoff{specification.backoff};
    children_.push_back({std::move(specification), child_state::waiting, backoff, 0, {}});
}

supervision_table::child* supervision_table::entry(std::string_view name) noexcept {
    auto found = std::find_if(children_.begin(), children_.end(),
                              [name](const child& item) { return item.specification.name == name; });
    return found == children_.end() ? nullptr : &*found;
}

const supervision_table::child* supervision_table::find(std::string_view name) const noexcept {
    return const_cast<supervision_table*>(this)->entry(name);
}

void supervision_table::started(const std::string& name, instant now) {
    auto* item = entry(name);
    if (item == nullptr)
        return;
    item->state = child_state::running;
    item->since = now;
    item->backoff.started(now);
}

supervision_decision supervision_table::ended(const std::string& name, child_end how, instant now,
                                              double chance) {
    supervision_decision decision;
    auto* item = entry(name);
    if (item == nullptr || item->state == child_state::ended)
        return decision;
    item->since = now;
    if (!is_started_again(item->specification.restart, how)) {
        item->state = child_state::ended;
        decision.why =
            how == child_end::misconfigured
                ? "not started again: another start would fail in the same way"
                : fmt::format("not started again: it is {}", to_string(item->specification.restart));
        return decision;
    }
    item->state = child_state::waiting;
    if (!intensity_.note(now)) {
        decision.give_up = true;
        decision.why = fmt::format("given up: more than {} restarts within {} s", settings_.intensity,
                                   std::chrono::duration<double>{settings_.period}.count());
        return decision;
    }
    ++item->restarts;
    decision.restart_after = item->backoff.next(now, chance);
    auto first = static_cast<std::size_t>(item - children_.data());
    for (auto index = children_.size(); index-- > 0;) {
        auto& other = children_[index];
        bool along = settings_.strategy == restart_strategy::one_for_all ||
                     (settings_.strategy == restart_strategy::rest_for_one && index > first);
        if (!along || other.state != child_state::running)
            continue;
        other.state = child_state::stopping;
        decision.stop.push_back(other.specification.name);
    }
    decision.why = fmt::format("started again after {:.0f} ms",
                               std::chrono::duration<double, std::milli>{*decision.restart_after}.count());
    if (!decision.stop.empty())
        decision.why += fmt::format(", with {}", fmt::join(decision.stop, ", "));
    return decision;
}

void supervision_table::stopped(const std::string& name, instant now) {
    auto* item = entry(name);
    if (item == nullptr || item->state != child_state::stopping)
        return;
    item->since = now;
    item->state =
        item->specification.restart == restart_policy::temporary ? child_state::ended : child_state::waiting;
}

bool supervision_table::stopping() const noexcept {
    return std::any_of(children_.begin(), children_.end(),
                       [](const child& item) { return item.state == child_state::stopping; });
}

std::vector<std::string> supervision_table::waiting() const {
    std::vector<std::string> names;
    for (const auto& item : children_)
        if (item.state == child_state::waiting)
            names.push_back(item.specification.name);
    return names;
}

std::vector<std::string> supervision_table::stop_all() {
    std::vector<std::string> names;
    for (auto index = children_.size(); index-- > 0;) {
        auto& item = children_[index];
        if (item.state == child_state::running || item.state == child_state::stopping)
            names.push_back(item.specification.name);
        item.state = child_state::ended;
    }
    return names;
}

} // namespace gestvenv
