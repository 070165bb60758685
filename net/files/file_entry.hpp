// SPDX-License-Identifier: MIT
// What is told of files in an environment.
#pragma once

#include <gestvenv/inspect_support.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace gestvenv::files {

enum class file_kind : std::uint8_t { file, folder, link, pipe, socket, device };

std::string_view to_string(file_kind value) noexcept;
bool from_string(std::string_view text, file_kind& value) noexcept;
file_kind kind_of(mode_t mode) noexcept;

struct file_entry {
    /// Without its folder's.
    std::string name;
    file_kind kind = file_kind::file;
    /// In bytes; of a file that has holes with them.
    std::int64_t size = 0;
    /// Its permissions, as `0644`.
    std::string mode;
    std::chrono::system_clock::time_point modified_at;
    /// Where a link leads.
    std::optional<std::string> target;
};

/// Part of a folder's content, in the order of the names' bytes.
struct file_page {
    std::vector<file_entry> items;
    /// For the next part; unset: this is the last.
    std::optional<std::string> next;
};

/// What was put into an environment, or taken out of it.
struct file_transfer {
    /// Files, folders and links.
    std::int64_t entries = 0;
    /// The content of the files.
    std::int64_t bytes = 0;
};

template <class Inspector>
bool inspect(Inspector& f, file_kind& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, file_entry& x) {
    return f.object(x).fields(f.field("name", x.name), f.field("kind", x.kind), f.field("size", x.size),
                              f.field("mode", x.mode), f.field("modified_at", x.modified_at),
                              f.field("target", x.target));
}

template <class Inspector>
bool inspect(Inspector& f, file_page& x) {
    return f.object(x).fields(f.field("items", x.items), f.field("next", x.next));
}

template <class Inspector>
bool inspect(Inspector& f, file_transfer& x) {
    return f.object(x).fields(f.field("entries", x.entries), f.field("bytes", x.bytes));
}

} // namespace gestvenv::files
