// SPDX-License-Identifier: MIT
// All figures as JSON, for programs. Times are seconds.
#pragma once

#include "tools/bench/result.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::bench {

namespace detail {

inline double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

} // namespace detail

inline nlohmann::json to_json(const row_result& row) {
    auto contestants = nlohmann::json::array();
    for (const auto& item : row.contestants) {
        nlohmann::json entry{{"name", item.name}, {"ours", item.ours}, {"n", item.times.count}};
        if (item.times.count > 0) {
            entry["min_seconds"] = detail::seconds(item.times.min);
            entry["p50_seconds"] = detail::seconds(item.times.p50);
            entry["p99_seconds"] = detail::seconds(item.times.p99);
        }
        if (!item.target.empty())
            entry["target"] = item.target;
        if (item.per_second)
            entry["per_second"] = *item.per_second;
        if (!item.ours) {
            const auto& ours = row.contestants.front().times;
            if (auto value = ratio(ours, item.times))
                entry["peer_to_ours"] = *value;
            if (auto value = excess(ours, item.times))
                entry["ours_minus_peer_seconds"] = detail::seconds(*value);
        }
        contestants.push_back(std::move(entry));
    }
    nlohmann::json result{{"name", row.name},
                          {"title", row.title},
                          {"load_average", row.load},
                          {"contestants", std::move(contestants)}};
    if (!row.notes.empty())
        result["notes"] = row.notes;
    if (!row.problem.empty())
        result["problem"] = row.problem;
    return result;
}

/// `machine`: names and values of the header, in order.
inline nlohmann::json to_json(const std::vector<std::pair<std::string, std::string>>& machine,
                              const std::vector<row_result>& rows) {
    auto header = nlohmann::json::object();
    for (const auto& [name, value] : machine)
        header[name] = value;
    auto all = nlohmann::json::array();
    for (const auto& row : rows)
        all.push_back(to_json(row));
    return {{"machine", std::move(header)}, {"rows", std::move(all)}};
}

} // namespace gestvenv::bench
