// SPDX-License-Identifier: MIT
// The living, orphaned and recently ended environments of all programs of this user on this machine, read
// from their state folders, whether or not those programs are alive.
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

/// The state of an environment, seen from outside its program.
enum class known_state : std::uint8_t {
    living, ///< its program is alive
    left,   ///< orphaned: its program is dead; the next start removes remaining resources
    ended,  ///< proven gone; listed for at least an hour
};

std::string_view to_string(known_state value) noexcept;

/// One environment of any program of this user.
struct known_environment {
    std::string id;
    /// Empty if its program had not recorded it yet.
    std::string name;
    known_state state = known_state::living;
    /// Its snapshot when it became ready; unset if it never did.
    std::optional<environment_info> info;
    /// Resources that were made and are not proven gone: `storage_folder PATH`, `cgroup PATH`, `keeper`.
    std::vector<std::string> holds;
    /// The receipt of its teardown; unset while it has not ended.
    std::optional<teardown_receipt> receipt;
};

/// The result of find_known_environments().
struct known_environments {
    /// The living environments, then the orphaned, then the ended ones, each oldest first.
    std::vector<known_environment> environments;
    /// State folders and archives that could not be read, one sentence each.
    std::vector<std::string> problems;
};

/// Reads all state folders below `state_root` (empty: the default, see runtime_options) and the archive
/// beside them. It changes nothing and does not disturb running programs. Throws ephemeral_exception if the
/// root itself cannot be read. Thread-safe.
known_environments find_known_environments(const std::filesystem::path& state_root = {});

} // namespace gestvenv
