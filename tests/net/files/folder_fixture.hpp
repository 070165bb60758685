// SPDX-License-Identifier: MIT
// A work folder with a secret beside it.
#pragma once

#include "net/files/contained_path.hpp"
#include "net/files/file_workers.hpp"
#include "system/posix/descriptor.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace gestvenv::test {

inline void write_file(const std::filesystem::path& path, std::string_view content) {
    std::ofstream{path, std::ios::binary} << content;
}

inline std::string content_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

class folder_fixture {
public:
    folder_fixture() {
        std::filesystem::create_directories(path);
        write_file(outside / "secret", "secret");
        work = files::open_work_folder(outside).value();
    }

    files::path_parts parts(std::string_view text) const { return files::parts_of(text).value(); }
    const files::deadline& until() const { return until_; }

    temporary_folder folder;
    std::filesystem::path outside = folder.path();
    std::filesystem::path path = outside / "work";
    descriptor work;

private:
    files::deadline until_ = files::deadline::after(std::chrono::minutes{1});
};

} // namespace gestvenv::test
