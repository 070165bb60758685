// SPDX-License-Identifier: MIT
// Writes a recorded virtual environment below an open folder. Part of the launcher: no JSON, no fmt.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/venv_layout.hpp"

#include <cstdint>

namespace gestvenv {

/// What was written.
struct layout_written {
    std::uint32_t directories = 0;
    std::uint32_t files = 0;
    std::uint32_t symlinks = 0;
    /// Content of the files, in bytes.
    std::uint64_t bytes = 0;
};

/// Makes everything `layout` holds below the folder open as `directory` (O_PATH or O_RDONLY), which must be
/// empty and in which no other process may make or rename anything meanwhile: paths of several components are
/// resolved from it. Existing files are never opened or followed (O_EXCL, O_NOFOLLOW).
///
/// Modes are those of the layout whatever the umask: it is set to 0 for the duration (umask(2) is the whole
/// process's, so only a single-threaded process such as the launcher may call this).
///
/// The first error ends it and leaves what was made so far: storage_full (ENOSPC, EDQUOT), permission_denied
/// (EACCES, EPERM, EROFS), invalid_argument (a path that leaves the folder, values that break check()), else
/// system_failure.
outcome<layout_written> write_layout(int directory, const python::venv_layout& layout,
                                     const python::layout_values& values);

} // namespace gestvenv
