// SPDX-License-Identifier: MIT
// A folder into which artifacts are copied.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace gestvenv::cli {

class artifact_target {
public:
    /// Makes the folder, and those above it, where it is missing.
    static outcome<artifact_target> open(const std::filesystem::path& folder);

    /// Copies the open regular file `source` to `path` below the folder, over what is there; the number of
    /// bytes. Stops with deadline_exceeded, and leaves nothing, once `too_late` says so.
    outcome<std::int64_t> copy(const descriptor& source, const std::vector<std::string>& path,
                               const std::function<bool()>& too_late) const;
    /// Makes a folder below, as a copy of an empty one.
    outcome<void> make_folder(const std::vector<std::string>& path) const;

private:
    outcome<descriptor> open_below(std::vector<std::string> path) const;
    tl::unexpected<error> cannot(int number, const std::vector<std::string>& path) const;

    std::filesystem::path name_;
    descriptor folder_;
};

} // namespace gestvenv::cli
