// SPDX-License-Identifier: MIT
// A folder that lives as long as a test.
#pragma once

#include <filesystem>

namespace gestvenv::test {

class temporary_folder {
public:
    temporary_folder();
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder();

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace gestvenv::test
