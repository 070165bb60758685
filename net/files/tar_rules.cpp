// SPDX-License-Identifier: MIT
#include "net/files/tar_rules.hpp"

#include "messages/shown_text.hpp"

#include <fmt/format.h>

#include <utility>

namespace gestvenv::files {

namespace {

using kind = tar_entry::kind;

/// Whether a link in a folder `depth` levels down stays within. `..` may only come first: behind a name, which may be a
/// link itself, it leads to where that leads.
bool stays_within(std::string_view target, std::size_t depth) {
    if (target.empty() || target.starts_with('/'))
        return false;
    bool has_name = false;
    for (std::size_t at = 0; at < target.size();) {
        auto end = std::min(target.find('/', at), target.size());
        auto part = target.substr(at, end - at);
        at = end + 1;
        if (part.empty() || part == ".")
            continue;
        if (part != "..") {
            has_name = true;
            continue;
        }
        if (has_name || depth == 0)
            return false;
        --depth;
    }
    return true;
}

} // namespace

outcome<void> tar_rules::count(const tar_entry& entry) {
    auto too_much = [&](std::string what) {
        return failure(error_code::resources_exhausted,
                       fmt::format("the entry {} of the archive is refused: {}", shown(entry.name), what),
                       "send it in parts");
    };
    if (++entries_ > bounds_.entries)
        return too_much(fmt::format("an archive may have {} entries", bounds_.entries));
    name_bytes_ += entry.name.size() + entry.target.size();
    if (name_bytes_ > bounds_.name_bytes)
        return too_much(fmt::format("all names together may have {} bytes", bounds_.name_bytes));
    if (entry.size > bounds_.bytes - bytes_)
        return too_much(fmt::format("all files together may have {} bytes", bounds_.bytes));
    bytes_ += entry.size;
    return {};
}

outcome<path_parts> tar_rules::check(const tar_entry& entry) {
    auto refused = [&](std::string_view why) {
        return failure(error_code::invalid_argument,
                       fmt::format("the entry {} of the archive is refused: {}", shown(entry.name), why));
    };
    if (auto counted = count(entry); !counted)
        return failure(std::move(counted).error());
    if (entry.what == kind::other)
        return refused("only files, folders and links are unpacked, no devices, pipes or sockets");
    auto path = parts_of(entry.name);
    if (!path)
        return refused(path.error().message);
    if (path->empty() && entry.what != kind::folder)
        return refused("it has no name");
    const auto name = text_of(*path);
    auto [known, is_new] = known_.try_emplace(name, entry.what);
    // A folder may come again: its entry says no more than before.
    if (!is_new && !(entry.what == kind::folder && known->second == kind::folder))
        return refused("the archive has this name twice");
    if (entry.what == kind::link && !stays_within(entry.target, path->size() - 1))
        return refused(
            fmt::format("it is a link to {}, which may lead out of the folder", shown(entry.target)));
    if (entry.what == kind::hard_link) {
        auto target = parts_of(entry.target);
        auto its = target ? known_.find(text_of(*target)) : known_.end();
        if (its == known_.end() || (its->second != kind::file && its->second != kind::hard_link) ||
            its->first == name)
            return refused(
                fmt::format("it is a hard link to {}, which is no file that the archive has before it",
                            shown(entry.target)));
    }
    return path;
}

} // namespace gestvenv::files
