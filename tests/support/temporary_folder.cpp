// SPDX-License-Identifier: MIT
#include "tests/support/temporary_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <unistd.h>

namespace gestvenv::test {

temporary_folder::temporary_folder() {
    // With the process's number: who ends a test half-way removes what it has left (tools/checks/contained).
    auto name = "tgv-" + std::to_string(::getpid()) + "-XXXXXX";
    auto pattern = (std::filesystem::temp_directory_path() / name).string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::system_error{errno, std::generic_category(), "mkdtemp"};
    path_ = pattern;
}

temporary_folder::~temporary_folder() {
    std::error_code ignored; // a test that leaves something unremovable has failed already
    std::filesystem::remove_all(path_, ignored);
}

} // namespace gestvenv::test
