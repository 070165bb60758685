// SPDX-License-Identifier: MIT
#include "net/files/file_entry.hpp"

#include "messages/spelling.hpp"

#include <sys/stat.h>

namespace gestvenv::files {

namespace {

constexpr std::string_view spelling(file_kind value) noexcept {
    switch (value) {
    case file_kind::file:
        return "file";
    case file_kind::folder:
        return "folder";
    case file_kind::link:
        return "link";
    case file_kind::pipe:
        return "pipe";
    case file_kind::socket:
        return "socket";
    case file_kind::device:
        return "device";
    }
    return {};
}

} // namespace

std::string_view to_string(file_kind value) noexcept {
    return spelling(value);
}

bool from_string(std::string_view text, file_kind& value) noexcept {
    return find_spelling(text, value, [](file_kind candidate) { return spelling(candidate); });
}

file_kind kind_of(mode_t mode) noexcept {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return file_kind::file;
    case S_IFDIR:
        return file_kind::folder;
    case S_IFLNK:
        return file_kind::link;
    case S_IFIFO:
        return file_kind::pipe;
    case S_IFSOCK:
        return file_kind::socket;
    default:
        return file_kind::device;
    }
}

} // namespace gestvenv::files
