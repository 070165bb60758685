// SPDX-License-Identifier: MIT
// What an archive's entries may be. An archive can come from anywhere: none of its names and links leads out of the
// folder into which it is unpacked, and what it takes there has bounds.
#pragma once

#include "messages/outcome.hpp"
#include "net/files/contained_path.hpp"
#include "net/files/tar_archive.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace gestvenv::files {

struct tar_bounds {
    std::size_t entries = 200'000;
    /// All names together.
    std::size_t name_bytes = std::size_t{32} << 20;
    /// The content of all files, holes included.
    std::uint64_t bytes = std::uint64_t{16} << 30;
};

/// Looks at the entries of one archive in their order.
class tar_rules {
public:
    explicit tar_rules(const tar_bounds& bounds) : bounds_(bounds) {}

    /// Where the entry goes. The error says which entry breaks which rule: `resources_exhausted` for a bound that all
    /// entries together have, else `invalid_argument`.
    outcome<path_parts> check(const tar_entry& entry);

private:
    outcome<void> count(const tar_entry& entry);

    tar_bounds bounds_;
    std::size_t entries_ = 0;
    std::size_t name_bytes_ = 0;
    std::uint64_t bytes_ = 0;
    std::unordered_map<std::string, tar_entry::kind> known_;
};

} // namespace gestvenv::files
