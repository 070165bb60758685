// SPDX-License-Identifier: MIT
// Paths below a folder, and opening what they name without ever leaving it.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::files {

/// The parts of a path below a folder, outermost first; empty: the folder itself.
using path_parts = std::vector<std::string>;

/// Deeper paths are refused: a walk holds a descriptor per level.
constexpr std::size_t deepest = 100;

/// Empty parts and `.` are dropped. Refused with `invalid_argument`: absolute paths, `..`, a NUL, what is longer than
/// the system's limits (PATH_MAX, NAME_MAX) or deeper than `deepest`. The message begins with the path.
outcome<path_parts> parts_of(std::string_view path);

/// With `/` between.
std::string text_of(const path_parts& parts);

enum class links : std::uint8_t {
    refused,
    followed, ///< those that stay below the folder; without openat2(2), Linux 5.6, none is followed
};

/// Opens `path` below `folder` with these flags of openat(2) and O_CLOEXEC; errno says why not: EXDEV for what leads
/// out of it, be it by a link or into a mount, ELOOP for a link that is not followed.
descriptor open_inside(int folder, const path_parts& path, int flags, links how, unsigned mode = 0);

/// The same errors as values: not_found, permission_denied for what leads out, invalid_argument for a part that is no
/// folder; those of system_failure() otherwise.
tl::unexpected<error> open_failure(int error_number, const path_parts& path);

/// The folder that holds the last part of `path`, which must have one; no link is followed. With `makes_missing` it is
/// made, with those above it.
outcome<descriptor> open_parent(int folder, const path_parts& path, bool makes_missing);

/// Opens the folder `work` of an environment, by its folder as the host sees it. Errors: environment_gone.
outcome<descriptor> open_work_folder(const std::string& environment_folder);

} // namespace gestvenv::files
