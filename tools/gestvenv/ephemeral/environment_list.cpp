// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/environment_list.hpp"

#include "messages/iso_time.hpp"
#include "messages/json.hpp"
#include "messages/shown_text.hpp"
#include "tools/gestvenv/output/receipt_output.hpp"
#include "tools/gestvenv/output/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <utility>

namespace gestvenv::cli {

namespace {

using time_point = std::chrono::system_clock::time_point;

std::string status_of(const known_environment& environment) {
    switch (environment.state) {
    case known_state::left:
        return "left";
    case known_state::ended:
        return "destroyed";
    case known_state::living:
        break;
    }
    return std::string{to_string(environment.info ? environment.info->status : environment_status::creating)};
}

// Its age, or how old it became. A clock that was set back makes nothing younger than new.
std::int64_t age_of(const known_environment& environment, time_point now) {
    if (!environment.info)
        return 0;
    auto until = environment.receipt ? environment.receipt->finished_at : now;
    auto age = std::chrono::duration_cast<std::chrono::seconds>(until - environment.info->created_at).count();
    return std::max<std::int64_t>(age, 0);
}

/// What is left behind without a word on it counts as new: it needs to be seen.
time_point made_at(const known_environment& environment) {
    if (environment.info)
        return environment.info->created_at;
    return environment.receipt ? environment.receipt->finished_at : time_point::max();
}

std::string local_time(time_point when) {
    const auto seconds = std::chrono::system_clock::to_time_t(when);
    std::tm parts{};
    std::array<char, 32> text{};
    if (::localtime_r(&seconds, &parts) == nullptr)
        return "-";
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts)};
}

std::string described(const terminal::session_info& session) {
    constexpr std::size_t shown_of_id = 8;
    return fmt::format("{}  {}, since {}, {}", session.id.substr(0, shown_of_id), shown(session.command),
                       local_time(session.started_at),
                       session.attached == 0   ? "not attached"
                       : session.attached == 1 ? "attached"
                                               : fmt::format("attached {} times", session.attached));
}

nlohmann::json row_of(const known_environment& environment, time_point now) {
    nlohmann::json row{
        {"id", environment.id},      {"name", environment.name},  {"status", status_of(environment)},
        {"backend", nullptr},        {"python_version", nullptr}, {"age_seconds", nullptr},
        {"packages_count", nullptr}, {"created_at", nullptr}};
    if (const auto& info = environment.info) {
        row["backend"] = to_string(info->package_backend);
        row["python_version"] = info->python_version;
        row["age_seconds"] = age_of(environment, now);
        row["created_at"] = to_iso_time(info->created_at);
        row["packages_count"] = info->packages.size();
    }
    if (environment.receipt) {
        row["cause"] = to_string(environment.receipt->reason);
        row["ended_at"] = to_json_value(*environment.receipt)["finished_at"];
    }
    return row;
}

} // namespace

std::size_t put_newest_first(std::vector<known_environment>& environments, count_limit most_ended) {
    std::stable_sort(environments.begin(), environments.end(),
                     [](const auto& one, const auto& other) { return made_at(one) > made_at(other); });
    const auto before = environments.size();
    auto ended = 0;
    std::erase_if(environments, [&](const known_environment& one) {
        return one.state == known_state::ended && ++ended > most_ended.count;
    });
    return before - environments.size();
}

std::string environment_table(const std::vector<known_environment>& environments, time_point now) {
    if (environments.empty())
        return "no environments\n";
    const bool any_ended = std::any_of(environments.begin(), environments.end(),
                                       [](const auto& item) { return item.receipt.has_value(); });
    auto in_table = [any_ended](text_row row, std::string ended, std::string cause) {
        if (any_ended)
            row.push_back(std::move(ended));
        row.push_back(std::move(cause));
        return row;
    };
    std::vector<text_row> rows{
        in_table({"ID", "NAME", "STATUS", "BACKEND", "PYTHON", "AGE", "CREATED"}, "ENDED", "CAUSE")};
    for (const auto& item : environments)
        rows.push_back(in_table({item.id.substr(0, 8), item.name.empty() ? "-" : item.name, status_of(item),
                                 item.info ? std::string{to_string(item.info->package_backend)} : "-",
                                 item.info ? item.info->python_version : "-",
                                 item.info ? fmt::format("{} s", age_of(item, now)) : "-",
                                 item.info ? local_time(item.info->created_at) : "-"},
                                item.receipt ? local_time(item.receipt->finished_at) : "",
                                item.receipt ? std::string{to_string(item.receipt->reason)} : ""));
    return text_table(rows, output_width());
}

std::string environment_json(const std::vector<known_environment>& environments, time_point now) {
    auto all = nlohmann::json::array();
    for (const auto& item : environments)
        all.push_back(row_of(item, now));
    return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string environment_text(const known_environment& environment, time_point now,
                             const std::optional<std::vector<terminal::session_info>>& sessions) {
    std::vector<text_row> rows{{"id", environment.id},
                               {"name", environment.name.empty() ? "-" : environment.name},
                               {"status", status_of(environment)}};
    if (const auto& info = environment.info) {
        rows.push_back({"backend", std::string{to_string(info->package_backend)}});
        rows.push_back({"python", info->python_version});
        rows.push_back({"age", fmt::format("{} s", age_of(environment, now))});
        if (environment.state == known_state::living)
            rows.push_back({"files", info->host_path.string()});
    }
    for (const auto& held : environment.holds)
        rows.push_back({environment.state == known_state::left ? "left" : "holds", held});
    if (sessions)
        for (const auto& session : *sessions)
            rows.push_back({"session", described(session)});
    auto text = text_table(rows);
    if (environment.receipt)
        text += "\n" + readable(*environment.receipt) + "\n";
    return text;
}

std::string environment_json(const known_environment& environment, time_point now,
                             const std::optional<std::vector<terminal::session_info>>& sessions) {
    auto all = row_of(environment, now);
    all["terminal_sessions"] = sessions ? to_json_value(*sessions) : nlohmann::json{};
    all["holds"] = environment.holds;
    all["info"] = environment.info ? to_json_value(*environment.info) : nlohmann::json{};
    all["receipt"] = environment.receipt ? to_json_value(*environment.receipt) : nlohmann::json{};
    return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

outcome<known_environment> pick(const std::vector<known_environment>& environments, std::string_view wanted) {
    constexpr std::size_t shortest_prefix = 4;
    const known_environment* named = nullptr;
    const known_environment* begun = nullptr;
    std::size_t matches = 0;
    for (const auto& item : environments) {
        if (item.id == wanted)
            return item;
        if (item.name == wanted && (named == nullptr || item.state <= named->state))
            named = &item; // a living one before one that has ended, else the last
        if (wanted.size() >= shortest_prefix && item.id.starts_with(wanted)) {
            begun = &item;
            ++matches;
        }
    }
    if (named != nullptr)
        return *named;
    if (matches == 1)
        return *begun;
    if (matches > 1)
        return failure(error_code::environment_not_found,
                       fmt::format("{} is the beginning of {} environments' ids", shown(wanted), matches),
                       "give more of the id");
    return failure(error_code::environment_not_found,
                   fmt::format("no environment {} is known: there is none, or it ended more than an hour ago",
                               shown(wanted)),
                   "gestvenv ephemeral list --all");
}

} // namespace gestvenv::cli
