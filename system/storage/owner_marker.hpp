// The file in an environment's folder that says which runtime made it: without it, or with another owner's, a
// folder is never removed by a later start.
#pragma once

#include "messages/outcome.hpp"
#include "system/process/descriptor.hpp"

#include <optional>
#include <string>

namespace gestvenv {

inline constexpr const char* owner_marker_name = "gestvenv-owner";

/// Beside it: the folder that is the environment's storage.
inline constexpr const char* storage_folder_name = "storage";

/// Writes the marker into the open folder; its content is at most 4096 bytes.
outcome<void> write_owner_marker(const descriptor& folder, const std::string& owner);

/// Removes a marker without content, which a crash has left while it was being written.
void remove_empty_marker(const descriptor& parent, const std::string& name) noexcept;

/// The marker of the folder `name` below `parent`; unset when folder or marker are missing or are no such
/// thing.
std::optional<std::string> read_owner_marker(const descriptor& parent, const std::string& name);

} // namespace gestvenv
