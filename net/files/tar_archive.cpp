// SPDX-License-Identifier: MIT
#include "net/files/tar_archive.hpp"

#include "messages/shown_text.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::files {

namespace {

constexpr std::size_t block_size = std::size_t{64} << 10;
// Names, extended attributes and maps of holes are kept in memory by the library: what one entry's may take of the file.
constexpr std::int64_t largest_header = std::int64_t{1} << 20;

/// The file, as the library reads it.
struct tar_source {
    int file = -1;
    off_t at = 0;
    off_t end = 0;
    std::int64_t left_for_header = 0;
    bool in_header = false;
    std::vector<char> block;
};

la_ssize_t read_block(archive* reader, void* data, const void** bytes) {
    auto& from = *static_cast<tar_source*>(data);
    if (from.in_header && from.left_for_header <= 0) {
        archive_set_error(reader, EFBIG, "a header is larger than %lld bytes",
                          static_cast<long long>(largest_header));
        return ARCHIVE_FATAL;
    }
    while (true) {
        auto got = ::pread(from.file, from.block.data(), from.block.size(), from.at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            archive_set_error(reader, errno, "it cannot be read");
            return ARCHIVE_FATAL;
        }
        from.at += got;
        from.left_for_header -= got;
        *bytes = from.block.data();
        return got;
    }
}

la_int64_t skip_bytes(archive* /*reader*/, void* data, la_int64_t wanted) {
    auto& from = *static_cast<tar_source*>(data);
    auto skipped = std::clamp<off_t>(wanted, 0, from.end - from.at);
    from.at += skipped;
    return skipped;
}

// In the locale "C", in which we are, the library converts nothing: names are bytes, or UTF-8 in the newer headers.
std::string text_of(const char* bytes, const char* utf8) {
    return bytes != nullptr ? bytes : utf8 != nullptr ? utf8 : "";
}

tar_entry::kind kind_of(archive_entry* entry) {
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
        return tar_entry::kind::file;
    case AE_IFDIR:
        return tar_entry::kind::folder;
    case AE_IFLNK:
        return tar_entry::kind::link;
    default:
        return tar_entry::kind::other;
    }
}

} // namespace

struct tar_archive::implementation {
    tar_source source;
    archive* reader = archive_read_new();
    std::string last;

    implementation() = default;
    implementation(const implementation&) = delete;
    implementation& operator=(const implementation&) = delete;
    ~implementation() { archive_read_free(reader); }

    tl::unexpected<error> damaged() const {
        const char* why = archive_error_string(reader);
        return failure(error_code::invalid_argument,
                       fmt::format("the tar archive cannot be read{}: {}",
                                   last.empty() ? "" : fmt::format(" behind its entry {}", shown(last)),
                                   why != nullptr ? why : "no reason is known"),
                       "send an uncompressed archive, as tar -c makes it");
    }
};

tar_archive::tar_archive(std::unique_ptr<implementation> inside) : inside_(std::move(inside)) {}
tar_archive::tar_archive(tar_archive&&) noexcept = default;
tar_archive::~tar_archive() = default;

outcome<tar_archive> tar_archive::open(int file) {
    tar_archive made{std::make_unique<implementation>()};
    auto& its = *made.inside_;
    struct stat facts {};
    if (its.reader == nullptr || ::fstat(file, &facts) < 0)
        return failure(error_code::system_failure, "the tar archive cannot be opened");
    its.source.file = file;
    its.source.end = facts.st_size;
    its.source.block.resize(block_size);
    archive_read_support_format_tar(its.reader);
    archive_read_set_read_callback(its.reader, read_block);
    archive_read_set_skip_callback(its.reader, skip_bytes);
    archive_read_set_callback_data(its.reader, &its.source);
    if (archive_read_open1(its.reader) < ARCHIVE_WARN)
        return its.damaged();
    return made;
}

outcome<bool> tar_archive::next(tar_entry& entry) {
    auto& its = *inside_;
    archive_entry* found = nullptr;
    its.source.in_header = true;
    its.source.left_for_header = largest_header;
    const int result = archive_read_next_header(its.reader, &found);
    its.source.in_header = false;
    if (result == ARCHIVE_EOF)
        return false;
    if (result < ARCHIVE_WARN)
        return its.damaged();
    entry = {};
    entry.name = text_of(archive_entry_pathname(found), archive_entry_pathname_utf8(found));
    auto hard_link = text_of(archive_entry_hardlink(found), archive_entry_hardlink_utf8(found));
    entry.what = hard_link.empty() ? kind_of(found) : tar_entry::kind::hard_link;
    entry.target = hard_link.empty()
                       ? text_of(archive_entry_symlink(found), archive_entry_symlink_utf8(found))
                       : std::move(hard_link);
    if (entry.what == tar_entry::kind::file)
        entry.size = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(found), 0));
    entry.mode = archive_entry_perm(found);
    entry.modified_at = {archive_entry_mtime(found), archive_entry_mtime_nsec(found)};
    its.last = entry.name;
    return true;
}

outcome<void>
tar_archive::read(const std::function<outcome<void>(std::uint64_t offset, std::string_view bytes)>& take) {
    while (true) {
        const void* bytes = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int result = archive_read_data_block(inside_->reader, &bytes, &size, &offset);
        if (result == ARCHIVE_EOF)
            return {};
        if (result < ARCHIVE_WARN)
            return inside_->damaged();
        if (size == 0)
            continue;
        if (auto taken = take(static_cast<std::uint64_t>(offset), {static_cast<const char*>(bytes), size});
            !taken)
            return taken;
    }
}

} // namespace gestvenv::files
