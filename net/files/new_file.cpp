// SPDX-License-Identifier: MIT
#include "net/files/new_file.hpp"

#include "messages/shown_text.hpp"
#include "system/posix/system_failure.hpp"
#include "system/random_identifier.hpp"

#include <fmt/format.h>

#include <sys/sendfile.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::files {

namespace {

constexpr std::uint64_t copied_at_a_time = std::uint64_t{4} << 20;
constexpr mode_t permissions = 0777;

} // namespace

outcome<new_file> new_file::begin(int parent, const path_parts& path) {
    new_file made;
    made.parent_ = parent;
    made.path_ = path;
    made.beside_ = ".gestvenv-" + random_identifier();
    made.file_ = descriptor{
        ::openat(parent, made.beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!made.file_) {
        made.beside_.clear();
        return made.cannot(errno);
    }
    return made;
}

new_file::new_file(new_file&& other) noexcept
    : parent_(other.parent_), path_(std::move(other.path_)), beside_(std::exchange(other.beside_, {})),
      file_(std::move(other.file_)) {}

new_file::~new_file() {
    if (!beside_.empty())
        ::unlinkat(parent_, beside_.c_str(), 0);
}

outcome<void> new_file::write_at(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        auto written = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno != EINTR)
            return cannot(errno);
        if (written <= 0)
            continue;
        offset += static_cast<std::uint64_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

outcome<void> new_file::copy(int source, std::uint64_t size, const deadline& until) {
    off_t offset = 0;
    while (static_cast<std::uint64_t>(offset) < size) {
        if (until.passed())
            return until.failure(fmt::format("writing {}", shown(text_of(path_))));
        auto most = std::min(copied_at_a_time, size - static_cast<std::uint64_t>(offset));
        auto copied = ::sendfile(file_.get(), source, &offset, most);
        if (copied < 0 && errno != EINTR)
            return cannot(errno);
        if (copied == 0)
            return failure(error_code::request_conflict,
                           fmt::format("what {} was copied from has become shorter", shown(text_of(path_))),
                           "try again");
    }
    return {};
}

outcome<void> new_file::finish(mode_t mode, std::uint64_t size, const timespec* modified_at) {
    if (::ftruncate(file_.get(), static_cast<off_t>(size)) < 0 ||
        ::fchmod(file_.get(), mode & permissions) < 0)
        return cannot(errno);
    if (modified_at != nullptr) {
        const std::array times{timespec{0, UTIME_OMIT}, *modified_at};
        if (::futimens(file_.get(), times.data()) < 0)
            return cannot(errno);
    }
    // A full disk may show itself only now (close(2)).
    if (::close(file_.release()) < 0)
        return cannot(errno);
    if (::renameat(parent_, beside_.c_str(), parent_, path_.back().c_str()) < 0)
        return errno == EISDIR || errno == ENOTEMPTY ? open_failure(EISDIR, path_) : cannot(errno);
    beside_.clear();
    return {};
}

tl::unexpected<error> new_file::cannot(int number) const {
    if (number == EAGAIN || number == ENOENT || number == EISDIR)
        return open_failure(number, path_);
    return system_failure(number, fmt::format("cannot write {}", shown(text_of(path_))));
}

} // namespace gestvenv::files
