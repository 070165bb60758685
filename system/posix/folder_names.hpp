// SPDX-License-Identifier: MIT
// What is in a folder, by name.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <string>
#include <vector>

namespace gestvenv {

/// The names in the open folder, without `.` and `..`, in the file system's order; none when it was removed
/// since it was opened. `path` is what an error calls it. The descriptor's own position does not move.
outcome<std::vector<std::string>> names_in(const descriptor& folder, const std::string& path);

} // namespace gestvenv
