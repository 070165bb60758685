// SPDX-License-Identifier: MIT
#include "tools/gestvenv/top/top_model.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr int columns = 6;

void keep(std::deque<double>& samples, double value) {
    samples.push_back(value);
    if (samples.size() > top_model::most_samples)
        samples.pop_front();
}

} // namespace

std::string_view to_string(top_order value) noexcept {
    switch (value) {
    case top_order::name:
        return "name";
    case top_order::age:
        return "age";
    case top_order::processes:
        return "processes";
    case top_order::cpu:
        return "cpu";
    case top_order::memory:
        return "memory";
    case top_order::disk:
        break;
    }
    return "disk";
}

void top_model::update(std::vector<rest::environment_usage> living) {
    std::unordered_set<std::string_view> ids;
    for (const auto& one : living)
        ids.insert(one.id);
    std::erase_if(rows_, [&](const auto& item) { return !ids.contains(item.first); });
    for (auto& one : living) {
        auto& row = rows_[one.id];
        row.now = std::move(one);
        keep(row.cpu_percent, row.cpu());
        keep(row.memory_bytes, row.memory());
    }
    add_to_total();
    arrange();
}

void top_model::add_to_total() {
    total_.now = {};
    auto& sum = total_.now;
    for (const auto& [id, row] : rows_) {
        sum.cpu_percent += row.now.cpu_percent;
        sum.memory_bytes += row.now.memory_bytes;
        sum.disk_bytes += row.now.disk_bytes;
        sum.processes += row.now.processes;
    }
    keep(total_.cpu_percent, total_.cpu());
    keep(total_.memory_bytes, total_.memory());
}

void top_model::order_by(top_order order) {
    reversed_ = order == order_ && !reversed_;
    order_ = order;
    arrange();
}

void top_model::order_by_neighbour(int steps) {
    const auto next = (static_cast<int>(order_) + steps % columns + columns) % columns;
    order_ = static_cast<top_order>(next);
    reversed_ = false;
    arrange();
}

void top_model::filter(std::string text) {
    filter_ = std::move(text);
    arrange();
}

bool top_model::comes_before(const top_row& a, const top_row& b) const {
    const auto& first = reversed_ ? b : a;
    const auto& second = reversed_ ? a : b;
    // What is equal is in the order of names, which does not change from one moment to the next.
    const auto by = [&](auto key) {
        return std::tuple{-key(first), a.now.name} < std::tuple{-key(second), b.now.name};
    };
    switch (order_) {
    case top_order::name:
        return std::tie(first.now.name, first.now.id) < std::tie(second.now.name, second.now.id);
    case top_order::age:
        return std::tie(second.now.created_at, a.now.name) < std::tie(first.now.created_at, b.now.name);
    case top_order::processes:
        return by([](const top_row& row) { return row.processes(); });
    case top_order::cpu:
        return by([](const top_row& row) { return row.cpu(); });
    case top_order::memory:
        return by([](const top_row& row) { return row.memory(); });
    case top_order::disk:
        break;
    }
    return by([](const top_row& row) { return row.disk(); });
}

void top_model::arrange() {
    shown_.clear();
    for (const auto& [id, row] : rows_)
        if (filter_.empty() || row.now.name.find(filter_) != std::string::npos || id.starts_with(filter_))
            shown_.push_back(&row);
    std::sort(shown_.begin(), shown_.end(),
              [this](const top_row* a, const top_row* b) { return comes_before(*a, *b); });
    const auto found = std::find_if(shown_.begin(), shown_.end(),
                                    [this](const top_row* row) { return row->now.id == chosen_; });
    // Where it has gone, the one that has taken its place is chosen.
    if (found != shown_.end())
        place_ = static_cast<std::size_t>(found - shown_.begin());
    else
        place_ = shown_.empty() ? 0 : std::min(place_, shown_.size() - 1);
    chosen_ = shown_.empty() ? std::string{} : shown_[place_]->now.id;
}

void top_model::move(std::ptrdiff_t rows) {
    if (shown_.empty())
        return;
    const auto last = static_cast<std::ptrdiff_t>(shown_.size()) - 1;
    place_ = static_cast<std::size_t>(
        std::clamp(static_cast<std::ptrdiff_t>(place_) + rows, std::ptrdiff_t{0}, last));
    chosen_ = shown_[place_]->now.id;
}

const top_row* top_model::chosen() const {
    return shown_.empty() ? nullptr : shown_[place_];
}

} // namespace gestvenv::cli
