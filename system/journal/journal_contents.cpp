// SPDX-License-Identifier: MIT
#include "system/journal/journal_contents.hpp"

#include "messages/json.hpp"
#include "system/journal/journal_image.hpp"
#include "system/journal/schema.hpp"
#include "system/journal/wall_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace gestvenv {

namespace {

using std::chrono::microseconds;

constexpr std::string_view select_resources =
    "SELECT id, environment_id, kind, detail, boot_id, intended_at FROM resources ORDER BY id";
constexpr std::string_view select_environments = "SELECT id, info, started_at, ended_at, ended_since_boot, "
                                                 "boot_id, cause, receipt FROM environments ORDER BY id";

bool read_json(const std::string& text, nlohmann::json& value) {
    auto document = parse_json(text);
    if (document)
        value = std::move(*document);
    return document.has_value();
}

bool read_row(const sqlite::statement& row, unfinished_resource& value) {
    value.id = resource_id{row.integer(0)};
    value.environment_id = row.text(1);
    value.kind = row.text(2);
    value.boot_id = row.text(4);
    value.intended_at = wall_time(row.integer(5));
    return is_kind_name(value.kind) && read_json(row.text(3), value.detail);
}

bool read_row(const sqlite::statement& row, environment_entry& value) {
    value.id = row.text(0);
    value.started_at = wall_time(row.integer(2));
    if (!read_json(row.text(1), value.info))
        return false;
    if (row.is_null(3))
        return true;
    auto& end = value.end.emplace();
    end.at = wall_time(row.integer(3));
    end.since_boot = microseconds{row.integer(4)};
    end.boot_id = row.text(5);
    return from_string(row.text(6), end.cause) && read_json(row.text(7), end.receipt);
}

/// Calls `take` with every row, or fails at the first that cannot be read.
template <class Row, class Take>
outcome<void> for_each_row(sqlite::database& connection, std::string_view sql, Take take) {
    auto query = connection.prepare(sql);
    if (!query)
        return failure(std::move(query).error());
    for (;;) {
        auto more = query->step();
        if (!more)
            return failure(std::move(more).error());
        if (!*more)
            return {};
        Row row;
        if (!read_row(*query, row))
            return failure(error_code::journal_failed,
                           "the journal holds an entry that cannot be understood");
        take(std::move(row));
    }
}

/// The rows before and behind a damaged page; those that stand in it cannot be had.
template <class Row, class Take>
void salvage_rows(sqlite::database& connection, std::string_view sql, Take take) {
    for (std::string_view direction : {"", " DESC"}) {
        auto query = connection.prepare(fmt::format("{}{}", sql, direction));
        if (!query)
            continue;
        for (auto more = query->step(); more && *more; more = query->step()) {
            Row row;
            if (read_row(*query, row))
                take(std::move(row));
        }
    }
}

void put_in_order(journal_contents& contents) {
    auto newer = [](const auto& left, const auto& right) { return left.id > right.id; };
    auto older = [](const auto& left, const auto& right) { return left.started_at < right.started_at; };
    std::sort(contents.unfinished.begin(), contents.unfinished.end(), newer);
    std::stable_sort(contents.environments.begin(), contents.environments.end(), older);
}

} // namespace

outcome<journal_contents> read_contents(sqlite::database& connection) {
    journal_contents contents;
    auto take_resource = [&](unfinished_resource row) { contents.unfinished.push_back(std::move(row)); };
    auto take_environment = [&](environment_entry row) { contents.environments.push_back(std::move(row)); };
    auto read = for_each_row<unfinished_resource>(connection, select_resources, take_resource).and_then([&] {
        return for_each_row<environment_entry>(connection, select_environments, take_environment);
    });
    if (!read)
        return failure(std::move(read).error());
    put_in_order(contents);
    return contents;
}

journal_contents salvage_contents(sqlite::database& connection) {
    journal_contents contents;
    std::set<resource_id> known_resources;
    std::set<std::string> known_environments;
    salvage_rows<unfinished_resource>(connection, select_resources, [&](unfinished_resource row) {
        if (known_resources.insert(row.id).second)
            contents.unfinished.push_back(std::move(row));
    });
    salvage_rows<environment_entry>(connection, select_environments, [&](environment_entry row) {
        if (known_environments.insert(row.id).second)
            contents.environments.push_back(std::move(row));
    });
    put_in_order(contents);
    return contents;
}

outcome<journal_contents> read_journal(const std::filesystem::path& folder) {
    return open_image(folder / journal_schema::file_name).and_then([](sqlite::database connection) {
        return read_contents(connection);
    });
}

} // namespace gestvenv
