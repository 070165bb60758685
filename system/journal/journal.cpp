// SPDX-License-Identifier: MIT
#include "system/journal/journal.hpp"

#include "messages/fault_point.hpp"
#include "system/journal/boot.hpp"
#include "system/journal/journal_state.hpp"
#include "system/journal/schema.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

using std::chrono::microseconds;

/// One entry; far more than any real one needs.
constexpr std::size_t entry_size = std::size_t{1} << 20;

/// From this size on `maintain` moves the log into the database.
constexpr int log_pages_worth_moving = 512;

constexpr std::chrono::minutes between_forgettings{1};
constexpr int ends_between_forgettings = journal::most_ends / 2;

std::int64_t now() {
    return std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

outcome<std::string> to_text(const nlohmann::json& value) {
    std::string text;
    try {
        text = value.dump();
    } catch (const nlohmann::json::type_error&) { // its only cause here: a string that is not UTF-8
        return failure(error_code::invalid_argument, "an entry of the journal holds text that is not UTF-8");
    }
    if (text.size() > entry_size)
        return failure(error_code::invalid_argument,
                       fmt::format("an entry of the journal has {} bytes, and at most {} are accepted",
                                   text.size(), entry_size));
    return text;
}

outcome<bool> is_there(const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0)
        return true;
    if (errno == ENOENT)
        return false;
    return system_failure(errno, fmt::format("cannot examine {}", path.string()));
}

/// Whether something was set aside so recently that a person may still want to look at it.
bool has_recent_damage(const std::filesystem::path& path) {
    std::error_code problem; // what cannot be examined is not kept for its sake
    auto oldest = std::filesystem::file_time_type::clock::now() - journal::damage_retention;
    for (const auto& entry : std::filesystem::directory_iterator{path.parent_path(), problem})
        if (entry.path().filename().string().starts_with(path.filename().string() + ".damaged-") &&
            entry.last_write_time(problem) > oldest && !problem)
            return true;
    return false;
}

} // namespace

journal::journal(std::unique_ptr<state> owned) noexcept : state_(std::move(owned)) {}
journal::journal(journal&&) noexcept = default;

journal& journal::operator=(journal&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}

journal::~journal() {
    // A forked child has none of the parent's locks; closing would touch the parent's files all the same.
    if (state_ && state_->owner != ::getpid())
        static_cast<void>(state_.release());
}

outcome<journal> journal::open(const std::filesystem::path& folder) {
    fault_point("journal: is about to be opened");
    auto path = folder / journal_schema::file_name;
    auto there = is_there(path);
    if (!there)
        return failure(std::move(there).error());
    if (!*there) {
        fault_point("journal: is about to be made");
        auto made = journal_schema::prepare(path, {}).and_then([&] { return journal_schema::publish(path); });
        if (!made)
            return failure(std::move(made).error());
        fault_point("journal: has been made");
    }
    auto attempt = state::open(path, !*there);
    std::optional<journal_damage> damage;
    // One that was made this moment holds nothing to carry over, and a new one would fare no better.
    if (!attempt.opened && attempt.damaged && *there) {
        auto replaced = replace_damaged_journal(path, attempt.problem.message);
        if (!replaced)
            return failure(std::move(replaced).error());
        damage = std::move(*replaced);
        attempt = state::open(path, true);
    }
    if (!attempt.opened)
        return failure(std::move(attempt.problem));
    fault_point("journal: is open");
    attempt.opened->damage = std::move(damage);
    return journal{std::move(attempt.opened)};
}

const std::optional<journal_damage>& journal::damage() const noexcept {
    return state_->damage;
}

outcome<std::vector<resource_id>> journal::intend(std::string_view environment_id,
                                                  std::span<const resource_record> records,
                                                  durability survives) {
    fault_point("journal: is about to write an intent");
    std::vector<std::string> details;
    std::size_t size = 0;
    for (const auto& record : records) {
        if (!is_kind_name(record.kind))
            return failure(error_code::invalid_argument,
                           fmt::format("{} cannot be a kind of resource", record.kind));
        auto text = to_text(record.detail);
        if (!text)
            return failure(std::move(text).error());
        size += text->size();
        details.push_back(std::move(*text));
    }
    auto& insert = state_->insert_resource;
    auto insert_all = [&]() -> outcome<void> {
        auto time = now();
        for (std::size_t index = 0; index < records.size(); ++index) {
            insert.bind(1, state_->next_id + static_cast<std::int64_t>(index));
            insert.bind(2, environment_id).bind(3, records[index].kind).bind(4, details[index]);
            insert.bind(5, boot_id()).bind(6, time);
            if (auto written = insert.run(); !written)
                return written;
        }
        return {};
    };
    bool sync = survives == durability::power_loss;
    if (sync)
        if (auto set = state_->connection.execute("PRAGMA synchronous = FULL"); !set)
            return failure(std::move(set).error());
    auto written =
        state_->write(journal_space::kept_by_creations + journal_space::pages_for(size), insert_all);
    if (sync) // if this fails, later writes are only slower
        static_cast<void>(state_->connection.execute("PRAGMA synchronous = NORMAL"));
    if (!written)
        return failure(std::move(written).error());
    fault_point("journal: has written an intent");
    std::vector<resource_id> ids;
    for (std::size_t index = 0; index < records.size(); ++index)
        ids.push_back(resource_id{state_->next_id++});
    return ids;
}

outcome<void> journal::amend(resource_id id, const nlohmann::json& detail) {
    fault_point("journal: is about to amend an intent");
    auto text = to_text(detail);
    if (!text)
        return failure(std::move(text).error());
    return state_->write(
        journal_space::kept_by_creations + journal_space::pages_for(text->size()), [&]() -> outcome<void> {
            auto& update = state_->update_resource;
            if (auto written = update.bind(1, *text).bind(2, static_cast<std::int64_t>(id)).run(); !written)
                return written;
            if (state_->connection.changes() == 0)
                return failure(error_code::journal_failed, "the journal has no such unfinished resource");
            return {};
        });
}

outcome<void> journal::done(std::span<const resource_id> ids) {
    while (!ids.empty()) {
        fault_point("journal: is about to cross out");
        auto some = ids.first(std::min(ids.size(), journal_space::rows_per_cleanup));
        // Taking away needs no free page.
        auto written = state_->write(0, [&]() -> outcome<void> {
            for (auto id : some)
                if (auto gone = state_->delete_resource.bind(1, static_cast<std::int64_t>(id)).run(); !gone)
                    return gone;
            return {};
        });
        if (!written)
            return written;
        fault_point("journal: has crossed out");
        ids = ids.subspan(some.size());
    }
    return {};
}

outcome<void> journal::environment_started(std::string_view id, const nlohmann::json& info) {
    fault_point("journal: is about to note an environment");
    auto text = to_text(info);
    if (!text)
        return failure(std::move(text).error());
    return state_->write(journal_space::kept_by_creations + journal_space::pages_for(text->size()), [&] {
        return state_->upsert_environment.bind(1, id).bind(2, *text).bind(3, now()).run();
    });
}

outcome<void> journal::environment_ended(std::string_view id, cleanup_reason cause,
                                         const nlohmann::json& receipt) {
    auto text = to_text(receipt);
    if (!text)
        return failure(std::move(text).error());
    ++state_->ends_since_forgetting;
    fault_point("journal: is about to note an end");
    return state_->write(journal_space::kept_by_cleanups + journal_space::pages_for(text->size()), [&] {
        auto& end = state_->end_environment;
        end.bind(1, id).bind(2, now()).bind(3, boot_id()).bind(4, time_since_boot().count());
        return end.bind(5, to_string(cause)).bind(6, *text).run();
    });
}

outcome<std::vector<unfinished_resource>> journal::unfinished() {
    fault_point("journal: is about to tell what is unfinished");
    return state_->check_owner()
        .and_then([&] { return read_contents(state_->connection); })
        .map([](auto contents) { return std::move(contents.unfinished); });
}

outcome<std::vector<environment_entry>> journal::receipts() {
    return state_->check_owner()
        .and_then([&] { return read_contents(state_->connection); })
        .map([](auto contents) {
            std::erase_if(contents.environments, [](const auto& entry) { return !entry.end; });
            return std::move(contents.environments);
        });
}

outcome<std::vector<environment_entry>> journal::living() {
    return state_->check_owner()
        .and_then([&] { return read_contents(state_->connection); })
        .map([](auto contents) {
            std::erase_if(contents.environments, [](const auto& entry) { return entry.end.has_value(); });
            return std::move(contents.environments);
        });
}

outcome<bool> journal::disposable() {
    fault_point("journal: is about to say whether it may go");
    if (auto good = state_->check_owner(); !good)
        return failure(std::move(good).error());
    auto row = state_->count_resources.step();
    if (!row)
        return failure(std::move(row).error());
    bool nothing_left = *row && state_->count_resources.integer(0) == 0;
    state_->count_resources.reset();
    return nothing_left && !has_recent_damage(state_->path);
}

outcome<void> journal::forget_ends() {
    return state_->write(
        0, [&] { return state_->connection.execute("DELETE FROM environments WHERE ended_at IS NOT NULL"); });
}

outcome<void> journal::maintain() {
    fault_point("journal: is about to be kept up");
    if (auto good = state_->check_owner(); !good)
        return good;
    if (time_since_boot() - state_->last_forgetting >= between_forgettings ||
        state_->ends_since_forgetting >= ends_between_forgettings)
        if (auto forgotten = state_->forget_old_ends(); !forgotten)
            return forgotten;
    // Space for the creations to come, so that they need not look for it themselves. That there is none is
    // theirs to report, if they come.
    auto ahead = state_->write(journal_space::kept_by_upkeep, [] { return outcome<void>{}; });
    if (!ahead && ahead.error().code != error_code::storage_full)
        return ahead;
    if (state_->log_pages < log_pages_worth_moving)
        return {};
    return state_->start_log_over();
}

} // namespace gestvenv
