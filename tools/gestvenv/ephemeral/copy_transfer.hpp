// SPDX-License-Identifier: MIT
// Files between this machine and an environment of a node.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/node/node_requests.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gestvenv::cli {

struct environment_files {
    node_requests node;
    std::string environment_id;
};

struct copied_files {
    std::int64_t entries = 0;
    std::int64_t bytes = 0;
    /// What was left out, and why: the first ones.
    std::vector<std::string> skipped;
    std::size_t all_skipped = 0;
};

/// As cp(1) and `docker cp` do it: a `destination` that is a folder gets the source into it, under its name; a folder
/// whose path ends with `/.` is copied without its name. `-` is standard output, or input: the content of a file, and a
/// tar stream for what is a folder in the environment. Links are copied as links; those are left out that would lead
/// out of a copy on this machine.
outcome<copied_files> copy_out(const environment_files& from, const std::string& path,
                               const std::string& destination);
outcome<copied_files> copy_in(const std::string& source, const environment_files& to,
                              const std::string& path);

} // namespace gestvenv::cli
