// SPDX-License-Identifier: MIT
#include "net/files/tar_pack.hpp"

#include "messages/shown_text.hpp"
#include "system/posix/system_failure.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::files {

namespace {

constexpr mode_t permissions = 07777;

using entry_handle = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;
using folder_stream = std::unique_ptr<DIR, int (*)(DIR*)>;

la_ssize_t append(archive* /*writer*/, void* data, const void* bytes, std::size_t size) {
    static_cast<std::string*>(data)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

/// A folder on the way to where the walk is.
struct level {
    descriptor folder;
    folder_stream entries{nullptr, ::closedir};
    /// With a `/` behind it, unless it is the top.
    std::string prefix;
};

} // namespace

struct tar_packer::implementation {
    archive* writer = archive_write_new();
    std::string out;
    std::vector<level> levels;
    descriptor file;
    std::string file_name;
    std::uint64_t file_left = 0;
    bool closed = false;
    std::vector<std::string> left_out;
    std::size_t all_left_out = 0;

    implementation() = default;
    implementation(const implementation&) = delete;
    implementation& operator=(const implementation&) = delete;
    ~implementation() { archive_write_free(writer); }

    tl::unexpected<error> broken() const {
        const char* why = archive_error_string(writer);
        return failure(error_code::system_failure, fmt::format("cannot write a tar stream: {}",
                                                               why != nullptr ? why : "no reason is known"));
    }

    static tl::unexpected<error> cannot(const std::string& name) {
        return system_failure(errno, "cannot read " + shown(name));
    }

    outcome<void> header(const std::string& name, const struct stat& facts, const std::string& target) {
        entry_handle entry{archive_entry_new(), archive_entry_free};
        archive_entry_set_pathname(entry.get(), name.c_str());
        archive_entry_set_mode(entry.get(), facts.st_mode & (S_IFMT | permissions));
        archive_entry_set_size(entry.get(), S_ISREG(facts.st_mode) ? facts.st_size : 0);
        archive_entry_set_mtime(entry.get(), facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
        archive_entry_set_uid(entry.get(), facts.st_uid);
        archive_entry_set_gid(entry.get(), facts.st_gid);
        if (S_ISLNK(facts.st_mode))
            archive_entry_set_symlink(entry.get(), target.c_str());
        if (archive_write_header(writer, entry.get()) < ARCHIVE_WARN)
            return broken();
        return {};
    }

    outcome<void> begin_file(opened_path what, const std::string& name) {
        file = std::move(what.what);
        file_name = name;
        file_left = what.size();
        return header(name, what.facts, {});
    }

    outcome<void> enter(descriptor folder, std::string prefix) {
        descriptor own{
            ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)}; // fdopendir(3) takes it
        folder_stream entries{own ? ::fdopendir(own.get()) : nullptr, ::closedir};
        if (!entries)
            return cannot(prefix);
        own.release();
        levels.push_back({std::move(folder), std::move(entries), std::move(prefix)});
        return {};
    }

    outcome<void> copy_piece() {
        std::array<char, piece_size> bytes{};
        auto got = ::read(file.get(), bytes.data(), std::min<std::uint64_t>(bytes.size(), file_left));
        if (got < 0 && errno == EINTR)
            return {};
        if (got < 0)
            return cannot(file_name);
        if (got == 0)
            return failure(error_code::request_conflict,
                           fmt::format("{} has become shorter while it was read", shown(file_name)),
                           "try again");
        if (archive_write_data(writer, bytes.data(), static_cast<std::size_t>(got)) < 0)
            return broken();
        file_left -= static_cast<std::uint64_t>(got);
        return {};
    }

    outcome<void> link(const std::string& name, const char* last, const struct stat& facts) {
        std::array<char, PATH_MAX> target{};
        auto size = ::readlinkat(levels.back().folder.get(), last, target.data(), target.size());
        if (size < 0)
            return {}; // it is none any more
        return header(name, facts, {target.data(), static_cast<std::size_t>(size)});
    }

    outcome<void> one(const char* last) {
        auto& here = levels.back();
        auto name = here.prefix + last;
        struct stat facts {};
        if (::fstatat(here.folder.get(), last, &facts, AT_SYMLINK_NOFOLLOW) < 0)
            return {}; // it has gone
        if (S_ISLNK(facts.st_mode))
            return link(name, last, facts);
        if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) {
            if (++all_left_out <= most_named)
                left_out.push_back(name);
            return {};
        }
        auto opened = open_for_reading(here.folder, {last}, links::refused);
        if (!opened) {
            // Gone, or something else by now.
            if (opened.error().code == error_code::not_found ||
                opened.error().code == error_code::invalid_argument)
                return {};
            return failure(std::move(opened).error());
        }
        if (!opened->is_folder())
            return begin_file(std::move(*opened), name);
        if (levels.size() >= deepest)
            return failure(error_code::invalid_argument,
                           fmt::format("{} is more than {} folders deep", shown(name), deepest));
        return header(name + "/", opened->facts, {}).and_then([&] {
            return enter(std::move(opened->what), name + "/");
        });
    }

    outcome<void> step() {
        if (file_left > 0)
            return copy_piece();
        file.reset();
        if (levels.empty()) {
            closed = true;
            return archive_write_close(writer) < ARCHIVE_WARN ? outcome<void>{broken()} : outcome<void>{};
        }
        errno = 0;
        const auto* entry =
            ::readdir(levels.back().entries.get()); // NOLINT(concurrency-mt-unsafe): of our own
        if (entry == nullptr && errno != 0)
            return cannot(levels.back().prefix);
        if (entry == nullptr) {
            levels.pop_back();
            return {};
        }
        const std::string_view name{entry->d_name};
        return name == "." || name == ".." ? outcome<void>{} : one(entry->d_name);
    }
};

tar_packer::tar_packer(std::unique_ptr<implementation> inside) : inside_(std::move(inside)) {}
tar_packer::tar_packer(tar_packer&&) noexcept = default;
tar_packer::~tar_packer() = default;

outcome<tar_packer> tar_packer::begin(opened_path what, const std::string& name) {
    tar_packer made{std::make_unique<implementation>()};
    auto& its = *made.inside_;
    // Names are bytes in this format; in the newer one the library would have to convert them.
    archive_write_set_format_gnutar(its.writer);
    archive_write_set_bytes_per_block(its.writer, 0); // each write at once
    if (archive_write_open(its.writer, &its.out, nullptr, append, nullptr) < ARCHIVE_WARN)
        return its.broken();
    const bool is_folder = what.is_folder();
    auto begun = is_folder ? its.enter(std::move(what.what), {}) : its.begin_file(std::move(what), name);
    if (!begun)
        return failure(std::move(begun).error());
    return made;
}

outcome<std::string> tar_packer::next() {
    auto& its = *inside_;
    its.out.reserve(2 * piece_size);
    while (its.out.size() < piece_size && !its.closed)
        if (auto stepped = its.step(); !stepped)
            return failure(std::move(stepped).error());
    return std::exchange(its.out, {});
}

const std::vector<std::string>& tar_packer::left_out() const noexcept {
    return inside_->left_out;
}

std::size_t tar_packer::all_left_out() const noexcept {
    return inside_->all_left_out;
}

} // namespace gestvenv::files
