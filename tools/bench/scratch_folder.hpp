// SPDX-License-Identifier: MIT
// A folder for what the peers make, in memory like the environments they are compared with. Goes with the
// object.
#pragma once

#include <filesystem>

namespace gestvenv::bench {

class scratch_folder {
public:
    /// Below `parent`, with a name of its own. Throws std::filesystem::filesystem_error.
    explicit scratch_folder(const std::filesystem::path& parent);
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder();

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace gestvenv::bench
