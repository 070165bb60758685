// SPDX-License-Identifier: MIT
// What a Python script says of itself in a comment (PEP 723): the versions of Python that it takes, the packages that it
// needs, and where uv would look for them.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/version_range.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// Of `[tool.uv]`: what says where packages come from, as uv's variables write it.
struct script_sources {
    /// UV_DEFAULT_INDEX: a URL, or `name=URL`.
    std::string default_index;
    /// UV_INDEX: the same, in the order in which they are asked.
    std::vector<std::string> indexes;
    /// UV_FIND_LINKS: URLs, and paths relative to the script's folder.
    std::vector<std::string> find_links;
    /// UV_EXCLUDE_NEWER: a time or a date.
    std::string exclude_newer;

    bool empty() const noexcept {
        return default_index.empty() && indexes.empty() && find_links.empty() && exclude_newer.empty();
    }
};

struct script_metadata {
    /// `requires-python`.
    std::optional<python::version_range> python;
    /// `dependencies`, each a requirement, as written.
    std::vector<std::string> dependencies;
    script_sources sources;
    /// What a user may want to know of it, one sentence each.
    std::vector<std::string> warnings;
};

/// The block of type `script`: its lines without their comment signs, at the numbers that they have in the file, all
/// other lines empty.
struct metadata_block {
    std::string content;
    /// Of the line `# /// script`, from 1.
    std::size_t line = 0;
};

/// By the reference expression of PEP 723. A byte order mark is skipped, and a line ends as Python reads it (LF, CR LF,
/// CR). Nothing where there is no such block; one that does not end is none. Error: invalid_argument for two of them, and
/// for one within a block of another type. `name` is the script's, for messages.
outcome<std::optional<metadata_block>> find_metadata(std::string_view text, std::string_view name);

/// Nothing where the script has no metadata. Error: invalid_argument, with `name` and line: no TOML, a field of another
/// type, a range or a requirement that is none, settings of uv that are not followed here.
outcome<std::optional<script_metadata>> read_metadata(std::string_view text, std::string_view name);

} // namespace gestvenv::cli
