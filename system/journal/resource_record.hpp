// SPDX-License-Identifier: MIT
// What the journal knows of one resource that outlives a crash.
#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv {

/// What kind of thing it is, and with that how it is undone and how its absence is proven. Spellings are part
/// of the journal's format: append only, and raise the format's version with it (system/journal/schema.hpp).
enum class resource_kind : std::uint8_t {
    storage_folder,   ///< a folder on disk or in an existing tmpfs; detail: path, owner marker
    detached_storage, ///< a mount that only descriptors hold: gone with launcher and keeper
    cgroup,           ///< detail: its folder in each hierarchy
    keeper,           ///< detail, once known: pid and start time
    container,        ///< detail: engine, name and label
    gpu_session,      ///< detail: provider and session
};

/// The spelling; empty for a value that is none of the enumerators.
std::string_view to_string(resource_kind value) noexcept;
/// Sets `value` and returns true, or leaves it alone and returns false.
bool from_string(std::string_view text, resource_kind& value) noexcept;

/// Names one intent for good: never given again by the same journal, not even after a restart.
enum class resource_id : std::int64_t {};

/// A resource about to be made. `detail` is an object with all that undoing it takes; it never holds a
/// secret.
struct resource_record {
    resource_kind kind = resource_kind::storage_folder;
    nlohmann::json detail = nlohmann::json::object();
};

/// A resource that may exist: intended, and not proven gone.
struct unfinished_resource {
    resource_id id{};
    /// Empty: it belongs to the runtime as a whole.
    std::string environment_id;
    resource_kind kind = resource_kind::storage_folder;
    nlohmann::json detail;
    /// The boot of the machine (/proc/sys/kernel/random/boot_id, random(4)) during which it was intended.
    /// After another boot a process id in `detail` means nothing, and whatever lives in memory is gone.
    std::string boot_id;
    std::chrono::system_clock::time_point intended_at;
};

} // namespace gestvenv
