// SPDX-License-Identifier: MIT
#include "tools/bench/scratch_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace gestvenv::bench {

scratch_folder::scratch_folder(const std::filesystem::path& parent) {
    auto name = (parent / "gestvenv-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::filesystem::filesystem_error{"cannot create a folder for the peers", parent,
                                                std::error_code{errno, std::generic_category()}};
    path_ = name;
}

scratch_folder::~scratch_folder() {
    std::error_code ignored; // nothing is left to be done about it
    std::filesystem::remove_all(path_, ignored);
}

} // namespace gestvenv::bench
