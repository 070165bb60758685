// SPDX-License-Identifier: MIT
#include "net/files/tar_unpack.hpp"

#include "messages/shown_text.hpp"
#include "net/files/new_file.hpp"
#include "system/posix/system_failure.hpp"
#include "system/random_identifier.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::files {

namespace {

using kind = tar_entry::kind;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
constexpr mode_t permissions = 0777;

/// The modes of folders are set last: one that may not be written to could not be filled.
struct made_folder {
    path_parts path;
    mode_t mode = 0;
    timespec modified_at{};
};

class unpacking {
public:
    unpacking(const descriptor& folder, const deadline& until) : folder_(folder), until_(until) {}

    outcome<void> unpack(tar_archive& archive, const tar_entry& entry, const path_parts& path) {
        if (path.empty())
            return {}; // the folder itself
        auto parent = open_parent(folder_.get(), path, true);
        if (!parent)
            return failure(std::move(parent).error());
        switch (entry.what) {
        case kind::folder:
            return make_folder(*parent, entry, path);
        case kind::file:
            return write_file(archive, *parent, entry, path);
        case kind::link:
            return make_link(*parent, entry, path);
        case kind::hard_link:
            return make_hard_link(*parent, entry, path);
        case kind::other:
            break;
        }
        return failure(error_code::invalid_argument, "it is of no kind that can be unpacked");
    }

    outcome<void> finish_folders() {
        for (auto last = folders_.rbegin(); last != folders_.rend(); ++last) {
            auto opened = open_inside(folder_.get(), last->path, folder_flags, links::refused);
            const std::array times{timespec{0, UTIME_OMIT}, last->modified_at};
            if (!opened || ::fchmod(opened.get(), last->mode) < 0 ||
                ::futimens(opened.get(), times.data()) < 0)
                return cannot(errno, last->path);
        }
        return {};
    }

private:
    static tl::unexpected<error> cannot(int number, const path_parts& path) {
        if (number == EISDIR || number == ELOOP || number == EXDEV)
            return open_failure(number, path);
        return system_failure(number, fmt::format("cannot write {}", shown(text_of(path))));
    }

    outcome<void> make_folder(const descriptor& parent, const tar_entry& entry, const path_parts& path) {
        if (::mkdirat(parent.get(), path.back().c_str(), 0700) < 0) {
            if (errno != EEXIST)
                return cannot(errno, path);
            if (!open_inside(parent.get(), {path.back()}, O_PATH | O_DIRECTORY, links::refused))
                return open_failure(errno, path);
        }
        folders_.push_back({path, entry.mode & permissions, entry.modified_at});
        return {};
    }

    outcome<void> write_file(tar_archive& archive, const descriptor& parent, const tar_entry& entry,
                             const path_parts& path) {
        auto file = new_file::begin(parent.get(), path);
        if (!file)
            return failure(std::move(file).error());
        auto take = [&](std::uint64_t offset, std::string_view bytes) -> outcome<void> {
            if (until_.passed())
                return until_.failure("unpacking it");
            // The size is what was checked.
            if (offset > entry.size || bytes.size() > entry.size - offset)
                return failure(error_code::invalid_argument, "it has more content than its header says");
            return file->write_at(offset, bytes);
        };
        return archive.read(take).and_then(
            [&] { return file->finish(entry.mode, entry.size, &entry.modified_at); });
    }

    outcome<void> make_link(const descriptor& parent, const tar_entry& entry, const path_parts& path) {
        const auto beside = ".gestvenv-" + random_identifier();
        if (::symlinkat(entry.target.c_str(), parent.get(), beside.c_str()) < 0)
            return cannot(errno, path);
        return move_over(parent, beside, path);
    }

    outcome<void> make_hard_link(const descriptor& parent, const tar_entry& entry, const path_parts& path) {
        auto target = parts_of(entry.target);
        if (!target)
            return failure(std::move(target).error());
        auto its_parent = open_parent(folder_.get(), *target, false);
        if (!its_parent)
            return failure(std::move(its_parent).error());
        const auto beside = ".gestvenv-" + random_identifier();
        if (::linkat(its_parent->get(), target->back().c_str(), parent.get(), beside.c_str(), 0) < 0)
            return cannot(errno, path);
        return move_over(parent, beside, path);
    }

    static outcome<void> move_over(const descriptor& parent, const std::string& beside,
                                   const path_parts& path) {
        if (::renameat(parent.get(), beside.c_str(), parent.get(), path.back().c_str()) == 0) {
            // Of two names of one file rename(2) leaves both.
            ::unlinkat(parent.get(), beside.c_str(), 0);
            return {};
        }
        const int problem = errno;
        ::unlinkat(parent.get(), beside.c_str(), 0);
        return cannot(problem, path);
    }

    const descriptor& folder_;
    const deadline& until_;
    std::vector<made_folder> folders_;
};

outcome<void> check_all(int archive, const tar_bounds& bounds, const deadline& until) {
    auto reader = tar_archive::open(archive);
    if (!reader)
        return failure(std::move(reader).error());
    tar_rules rules{bounds};
    tar_entry entry;
    while (true) {
        auto more = reader->next(entry);
        if (!more)
            return failure(std::move(more).error());
        if (!*more)
            return {};
        if (auto path = rules.check(entry); !path)
            return failure(std::move(path).error());
        if (until.passed())
            return until.failure("reading the archive");
    }
}

/// Says at which entry, and what has been done before it.
tl::unexpected<error> stopped_at(const tar_entry& entry, error why, std::int64_t before) {
    why.message = fmt::format("the entry {} of the archive was not unpacked: {}; {} before it were",
                              shown(entry.name), why.message, before);
    return tl::unexpected<error>{std::move(why)};
}

void skip(unpacked& report, const error& why) {
    if (report.all_skipped++ < unpacked::most_told)
        report.skipped.push_back(why.message);
}

} // namespace

outcome<unpacked> unpack_tar(int archive, const descriptor& folder, const tar_bounds& bounds,
                             refused_entries how, const deadline& until) {
    if (how == refused_entries::stop)
        if (auto good = check_all(archive, bounds, until); !good)
            return failure(std::move(good).error());
    auto reader = tar_archive::open(archive);
    if (!reader)
        return failure(std::move(reader).error());
    unpacked report;
    tar_rules rules{bounds};
    unpacking work{folder, until};
    tar_entry entry;
    while (true) {
        auto more = reader->next(entry);
        if (!more)
            return failure(std::move(more).error());
        if (!*more)
            break;
        auto path = rules.check(entry);
        if (!path && (how == refused_entries::stop || path.error().code == error_code::resources_exhausted))
            return failure(std::move(path).error());
        if (!path) {
            skip(report, path.error());
            continue;
        }
        if (until.passed())
            return stopped_at(entry, until.failure("unpacking").value(), report.done.entries);
        if (auto done = work.unpack(*reader, entry, *path); !done)
            return stopped_at(entry, std::move(done).error(), report.done.entries);
        ++report.done.entries;
        report.done.bytes += static_cast<std::int64_t>(entry.size);
    }
    return work.finish_folders().map([&] { return std::move(report); });
}

} // namespace gestvenv::files
