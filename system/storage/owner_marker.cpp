// SPDX-License-Identifier: MIT
#include "system/storage/owner_marker.hpp"

#include "system/posix/system_failure.hpp"
#include "system/storage/open_folder.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

constexpr std::size_t longest_owner = 4096;

bool is_own(const struct stat& status) {
    return status.st_uid == ::geteuid();
}

/// Makes a file or folder of this user's own accessible for as long as it lives.
class opened_up {
public:
    opened_up(int file, const struct stat& status, mode_t mode)
        : file_(file), before_(status.st_mode & 07777) {
        if (is_own(status))
            changed_ = change_mode(file_, mode);
    }
    ~opened_up() {
        if (changed_)
            change_mode(file_, before_);
    }
    opened_up(const opened_up&) = delete;
    opened_up& operator=(const opened_up&) = delete;

private:
    int file_;
    mode_t before_;
    bool changed_ = false;
};

owner_marker unknown(int problem) {
    return {owner_marker::finding::unknown, {}, problem, false};
}

// Through the descriptor, which is known to be a regular file: its name could be a pipe by now.
owner_marker read_marker_file(int place, const struct stat& status) {
    auto path = "/proc/self/fd/" + std::to_string(place);
    auto open = [&path] { return descriptor{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)}; };
    auto file = open();
    int problem = errno;
    if (!file && problem == EACCES) {
        opened_up accessible{place, status, 0600};
        file = open();
        problem = errno;
    }
    if (!file)
        return unknown(problem);
    std::string text(longest_owner + 1, '\0');
    auto got = ::read(file.get(), text.data(), text.size());
    if (got < 0)
        return unknown(errno);
    if (static_cast<std::size_t>(got) > longest_owner)
        return unknown(EFBIG);
    text.resize(static_cast<std::size_t>(got));
    if (text.empty())
        return {owner_marker::finding::unmarked, {}, 0, false};
    return {owner_marker::finding::marked, std::move(text), 0, is_own(status)};
}

owner_marker read_marker_in(int folder, bool own) {
    descriptor place{::openat(folder, owner_marker_name, O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    struct stat status {};
    if (!place && errno != ENOENT)
        return unknown(errno);
    if (place && ::fstat(place.get(), &status) != 0)
        return unknown(errno);
    if (!place || !S_ISREG(status.st_mode))
        return {owner_marker::finding::unmarked, {}, 0, own};
    auto marker = read_marker_file(place.get(), status);
    marker.of_this_user = own && is_own(status);
    return marker;
}

} // namespace

outcome<void> write_owner_marker(const descriptor& folder, const std::string& owner) {
    descriptor file{::openat(folder.get(), owner_marker_name,
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file)
        return system_failure(errno, "cannot create the owner marker of a storage folder");
    if (::write(file.get(), owner.data(), owner.size()) != static_cast<ssize_t>(owner.size()))
        return system_failure(errno, "cannot write the owner marker of a storage folder");
    return {};
}

owner_marker read_owner_marker(const descriptor& parent, const std::string& name) {
    auto place = open_beneath(parent.get(), name.c_str(), O_PATH);
    if (!place && errno == ENOENT)
        return {owner_marker::finding::no_folder, {}, 0, false};
    struct stat status {};
    if (!place || ::fstat(place.get(), &status) != 0)
        return unknown(errno);
    // By opening, which asks for the rights that we act with; faccessat(2) does only on newer kernels.
    descriptor inside{::openat(place.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (inside || errno != EACCES)
        return read_marker_in(place.get(), is_own(status));
    opened_up accessible{place.get(), status, 0700};
    return read_marker_in(place.get(), is_own(status));
}

} // namespace gestvenv
