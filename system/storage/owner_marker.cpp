#include "system/storage/owner_marker.hpp"

#include "system/process/system_failure.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gestvenv {

outcome<void> write_owner_marker(const descriptor& folder, const std::string& owner) {
    descriptor file{::openat(folder.get(), owner_marker_name,
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file)
        return system_failure(errno, "cannot create the owner marker of a storage folder");
    if (::write(file.get(), owner.data(), owner.size()) != static_cast<ssize_t>(owner.size()))
        return system_failure(errno, "cannot write the owner marker of a storage folder");
    return {};
}

void remove_empty_marker(const descriptor& parent, const std::string& name) noexcept {
    descriptor folder{::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    struct stat status {};
    if (folder && ::fstatat(folder.get(), owner_marker_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(status.st_mode) && status.st_size == 0)
        ::unlinkat(folder.get(), owner_marker_name, 0);
}

std::optional<std::string> read_owner_marker(const descriptor& parent, const std::string& name) {
    descriptor folder{::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    descriptor file{folder ? ::openat(folder.get(), owner_marker_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
                           : -1};
    std::array<char, 4096> buffer{};
    auto got = file ? ::read(file.get(), buffer.data(), buffer.size()) : -1;
    if (got < 0)
        return std::nullopt;
    return std::string{buffer.data(), static_cast<std::size_t>(got)};
}

} // namespace gestvenv
