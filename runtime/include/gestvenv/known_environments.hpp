// SPDX-License-Identifier: MIT
// What there is and has lately been of environments on this machine, of all programs of this user: read from
// their state folders by whoever wants to know, whether or not those programs are still alive.
#pragma once

#include <gestvenv/environment_info.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

enum class known_state : std::uint8_t {
    living, ///< its program is
    left,   ///< its program is not, and something of it may still be there: the next start removes it
    ended,  ///< proven gone; remembered for an hour at least
};

std::string_view to_string(known_state value) noexcept;

struct known_environment {
    std::string id;
    /// Empty where its program did not get as far as noting it.
    std::string name;
    known_state state = known_state::living;
    /// As it was when it became ready; unset where it never did.
    std::optional<environment_info> info;
    /// What of it has been made and is not proven gone: `storage_folder PATH`, `cgroup PATH`, `keeper`.
    std::vector<std::string> holds;
    /// How it ended.
    std::optional<teardown_receipt> receipt;
};

struct known_environments {
    /// The living, then those that were left, then those that ended, each oldest first.
    std::vector<known_environment> environments;
    /// What could not be read, one sentence each.
    std::vector<std::string> problems;
};

/// Looks into every state folder below `state_root` (empty: the default, see runtime_options), and into the
/// archive beside them. Changes nothing, disturbs nobody. Throws ephemeral_exception where the root itself
/// cannot be read.
known_environments find_known_environments(const std::filesystem::path& state_root = {});

} // namespace gestvenv
