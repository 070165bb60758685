// SPDX-License-Identifier: MIT
// What a journal holds, read as a whole: by the journal itself when it opens, by other processes that want to
// show it, and from a damaged file as far as it goes.
#pragma once

#include <gestvenv/enumerations.hpp>

#include "messages/outcome.hpp"
#include "system/journal/resource_record.hpp"
#include "system/journal/sqlite.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// How an environment ended. `since_boot` and `boot_id` tell its age even when the wall clock was set
/// meanwhile.
struct environment_end {
    std::chrono::system_clock::time_point at;
    std::chrono::microseconds since_boot{0};
    std::string boot_id;
    cleanup_reason cause = cleanup_reason::requested;
    nlohmann::json receipt;
};

/// An environment of the journal's runtime, alive or ended.
struct environment_entry {
    std::string id;
    /// As the runtime last described it; an empty object where it never did.
    nlohmann::json info;
    std::chrono::system_clock::time_point started_at;
    /// Unset while it lives, or if it died with its runtime and has not been cleaned up since.
    std::optional<environment_end> end;
};

struct journal_contents {
    /// Newest first: the order in which to undo.
    std::vector<unfinished_resource> unfinished;
    /// Oldest first.
    std::vector<environment_entry> environments;
};

/// The contents of the journal in `folder` at one moment, for any process, whether or not the owner is alive;
/// the owner is not disturbed. error_code::journal_failed when there is none or it cannot be read.
outcome<journal_contents> read_journal(const std::filesystem::path& folder);

/// All of it, or an error when any part cannot be read.
outcome<journal_contents> read_contents(sqlite::database& connection);

/// What can be read of a damaged file: from both ends of each table up to the damage.
journal_contents salvage_contents(sqlite::database& connection);

} // namespace gestvenv
