// SPDX-License-Identifier: MIT
// How environments are shown that programs of this user have, left behind, or had.
#pragma once

#include "messages/outcome.hpp"
#include "net/terminal/session_info.hpp"

#include <gestvenv/known_environments.hpp>
#include <gestvenv/units.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// Puts those first that were made last, and keeps at most `most_ended` of those that have ended. Returns how
/// many are left out.
std::size_t put_newest_first(std::vector<known_environment>& environments, count_limit most_ended);

/// A line for each, under a heading, with when it was made and when it ended, in local time.
std::string environment_table(const std::vector<known_environment>& environments,
                              std::chrono::system_clock::time_point now);

/// An array of objects: `id, name, status, backend, python_version, age_seconds, packages_count`, and for
/// those that have ended `cause` and `ended_at`; `created_at` besides, all in UTC. `status` is that of the
/// environment when it became ready, or `left`, or `destroyed`. What is not known is null.
std::string environment_json(const std::vector<known_environment>& environments,
                             std::chrono::system_clock::time_point now);

/// All that is known of one, with its terminal sessions where a node has it.
std::string environment_text(const known_environment& environment, std::chrono::system_clock::time_point now,
                             const std::optional<std::vector<terminal::session_info>>& sessions = {});
std::string environment_json(const known_environment& environment, std::chrono::system_clock::time_point now,
                             const std::optional<std::vector<terminal::session_info>>& sessions = {});

/// The one with this id, unique prefix of one (at least four characters) or name; of several of that name the
/// last. Error: environment_not_found.
outcome<known_environment> pick(const std::vector<known_environment>& environments, std::string_view wanted);

} // namespace gestvenv::cli
