// SPDX-License-Identifier: MIT
// What an overlay over a folder would hide or break, because it is more than files.
#pragma once

#include <string>
#include <vector>

namespace gestvenv {

/// Where something is mounted below `folder` in this mount namespace, each before those below it.
std::vector<std::string> mounts_below(const std::string& folder);

/// The paths of sockets below `folder` bound to an absolute path in this network namespace:
/// connect(2) finds them by their file, and not by an overlay's view of it.
std::vector<std::string> sockets_below(const std::string& folder);

/// Whether `path` is in `folder` or in a folder below it.
bool is_below(const std::string& path, const std::string& folder) noexcept;

} // namespace gestvenv
