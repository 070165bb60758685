// SPDX-License-Identifier: MIT
#include "net/files/file_access.hpp"

#include "messages/shown_text.hpp"
#include "messages/text_encoding.hpp"
#include "net/files/new_file.hpp"
#include "system/posix/system_failure.hpp"
#include "system/storage/remove_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <set>
#include <unistd.h>
#include <utility>

namespace gestvenv::files {

namespace {

constexpr mode_t permissions = 07777;

std::string quoted(const path_parts& path) {
    return shown(path.empty() ? "." : text_of(path));
}

outcome<void> has_a_name(const path_parts& path) {
    if (!path.empty())
        return {};
    return failure(error_code::invalid_argument, "the environment's work folder itself cannot be replaced",
                   "name something in it with ?path=");
}

std::string link_target(int folder, const char* name) {
    std::array<char, PATH_MAX> text{};
    auto size = ::readlinkat(folder, name, text.data(), text.size());
    return size < 0 ? std::string{} : std::string{text.data(), static_cast<std::size_t>(size)};
}

file_entry entry_of(int folder, const std::string& name, const struct stat& facts) {
    file_entry entry;
    entry.name = name;
    entry.kind = kind_of(facts.st_mode);
    entry.size = facts.st_size;
    entry.mode = fmt::format("{:04o}", facts.st_mode & permissions);
    // Any number can be a file's time; those of the clock end in 2262.
    constexpr time_t farthest = 9'000'000'000;
    entry.modified_at = std::chrono::system_clock::time_point{
        std::chrono::seconds{std::clamp<time_t>(facts.st_mtim.tv_sec, 0, farthest)} +
        std::chrono::nanoseconds{facts.st_mtim.tv_nsec}};
    if (entry.kind == file_kind::link)
        entry.target = link_target(folder, name.c_str());
    return entry;
}

/// The first names behind `after` in the order of their bytes, and one more than `most`, if there are so many: a folder
/// may have more names than memory has room for.
outcome<std::set<std::string>> names_behind(int folder, const std::string& after, std::size_t most,
                                            const path_parts& path, const deadline& until) {
    std::set<std::string> names;
    descriptor own{::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)}; // fdopendir(3) takes it
    std::unique_ptr<DIR, int (*)(DIR*)> stream{own ? ::fdopendir(own.get()) : nullptr, ::closedir};
    if (!stream)
        return system_failure(errno, "cannot list " + quoted(path));
    own.release();
    while (const auto* entry =
               ::readdir(stream.get())) { // NOLINT(concurrency-mt-unsafe): a stream of our own
        std::string name{entry->d_name};
        if (name == "." || name == ".." || name <= after)
            continue;
        if (names.size() > most && name >= *names.rbegin())
            continue;
        names.insert(std::move(name));
        if (names.size() > most + 1)
            names.erase(std::prev(names.end()));
        if (until.passed())
            return until.failure("listing " + quoted(path));
    }
    return names;
}

} // namespace

outcome<opened_path> open_for_reading(const descriptor& work, const path_parts& path, links how) {
    // Opened for nothing but to be looked at: opening a pipe waits, and opening a device has effects.
    auto looked_at = open_inside(work.get(), path, O_PATH, how);
    opened_path found;
    if (!looked_at || ::fstat(looked_at.get(), &found.facts) < 0)
        return open_failure(errno, path);
    const auto kind = kind_of(found.facts.st_mode);
    if (kind != file_kind::file && kind != file_kind::folder)
        return failure(
            error_code::invalid_argument,
            fmt::format("{} is a {}, neither a regular file nor a folder", quoted(path), to_string(kind)));
    // The same one, whatever its name means by now. O_NONBLOCK: its owner may hold a lease on it (fcntl(2)).
    found.what = descriptor{::open(fmt::format("/proc/self/fd/{}", looked_at.get()).c_str(),
                                   O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (!found.what || ::fstat(found.what.get(), &found.facts) < 0)
        return open_failure(errno, path);
    return found;
}

outcome<file_transfer> put_file(const descriptor& work, const path_parts& path, const descriptor& source,
                                const writing& how, const deadline& until) {
    if (auto named = has_a_name(path); !named)
        return failure(std::move(named).error());
    struct stat facts {};
    if (::fstat(source.get(), &facts) < 0)
        return system_failure(errno, "cannot read what was sent");
    auto parent = open_parent(work.get(), path, how.makes_parents);
    if (!parent) {
        if (parent.error().code == error_code::not_found && parent.error().hint.empty())
            parent.error().hint = "make the folder first, or over REST with ?parents=true";
        return failure(std::move(parent).error());
    }
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    auto file = new_file::begin(parent->get(), path);
    if (!file)
        return failure(std::move(file).error());
    return file->copy(source.get(), size, until)
        .and_then([&] { return file->finish(how.mode, size, nullptr); })
        .map([&] {
            return file_transfer{1, facts.st_size};
        });
}

outcome<void> remove(const descriptor& work, const path_parts& path) {
    if (auto named = has_a_name(path); !named)
        return named;
    auto parent = open_parent(work.get(), path, false);
    if (!parent)
        return failure(std::move(parent).error());
    const auto& name = path.back();
    struct stat facts {};
    if (::fstatat(parent->get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) < 0)
        return open_failure(errno, path);
    if (!S_ISDIR(facts.st_mode)) {
        if (::unlinkat(parent->get(), name.c_str(), 0) < 0)
            return errno == ENOENT ? open_failure(ENOENT, path)
                                   : system_failure(errno, "cannot remove " + quoted(path));
        return {};
    }
    auto removed = remove_tree(*parent, name);
    if (removed.residue.empty())
        return {};
    const auto& first = removed.residue.front();
    return failure(error_code::system_failure,
                   fmt::format("{} was not removed as a whole: {}{}: {}", quoted(path),
                               first.name.empty() ? "" : shown(first.name) + ", ", first.kind, first.why));
}

outcome<file_page> list(const descriptor& work, const path_parts& path, std::string_view cursor,
                        std::size_t most, const deadline& until) {
    auto after = from_base64(cursor);
    if (!after)
        return failure(error_code::invalid_argument, "the cursor is none that an answer had");
    auto folder = open_for_reading(work, path);
    if (!folder)
        return failure(std::move(folder).error());
    if (!folder->is_folder())
        return failure(error_code::invalid_argument, quoted(path) + " is a file, not a folder");
    auto names = names_behind(folder->what.get(), *after, most, path, until);
    if (!names)
        return failure(std::move(names).error());
    file_page page;
    for (const auto& name : *names) {
        if (page.items.size() == most) {
            page.next = to_base64(page.items.back().name);
            break;
        }
        struct stat facts {};
        if (::fstatat(folder->what.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0)
            page.items.push_back(entry_of(folder->what.get(), name, facts));
    }
    return page;
}

} // namespace gestvenv::files
