// SPDX-License-Identifier: MIT
// Unpacks a tar archive into a folder.
#pragma once

#include "messages/outcome.hpp"
#include "net/files/file_entry.hpp"
#include "net/files/file_workers.hpp"
#include "net/files/tar_rules.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gestvenv::files {

enum class refused_entries : std::uint8_t {
    stop, ///< nothing is unpacked of an archive that has any
    skip, ///< the rest is unpacked, and they are told
};

struct unpacked {
    file_transfer done;
    /// Why entries were skipped: the first `most_told`.
    std::vector<std::string> skipped;
    std::size_t all_skipped = 0;

    static constexpr std::size_t most_told = 20;
};

/// `archive` is a regular file. No link in the folder is followed, those that the archive has brought included. Owners
/// are not set; of the modes only the permissions are.
outcome<unpacked> unpack_tar(int archive, const descriptor& folder, const tar_bounds& bounds,
                             refused_entries how, const deadline& until);

} // namespace gestvenv::files
