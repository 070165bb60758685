// SPDX-License-Identifier: MIT
#include "system/posix/small_file.hpp"

#include "system/posix/descriptor.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gestvenv {

outcome<std::optional<small_file>> read_own_file(const std::filesystem::path& path, std::size_t most,
                                                 file_stamp* known) {
    // A FIFO in its place must not be waited for.
    descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!file) {
        if (errno != ENOENT)
            return system_failure(errno, fmt::format("cannot open {}", path.string()));
        if (known != nullptr)
            *known = {};
        return std::nullopt;
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return system_failure(errno, fmt::format("cannot examine {}", path.string()));
    if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
        return failure(error_code::permission_denied,
                       fmt::format("{} is not a file of this user's alone", path.string()),
                       fmt::format("chmod 600 {}", path.string()));
    if (static_cast<std::uint64_t>(status.st_size) > most)
        return failure(error_code::invalid_argument, fmt::format("{} has {} bytes, and at most {} are read",
                                                                 path.string(), status.st_size, most));
    const file_stamp now{status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
    if (known != nullptr && *known == now)
        return std::nullopt;
    small_file result{std::string(static_cast<std::size_t>(status.st_size), '\0'), now};
    std::size_t got = 0;
    while (got < result.text.size()) {
        auto count = ::read(file.get(), result.text.data() + got, result.text.size() - got);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return system_failure(errno, fmt::format("cannot read {}", path.string()));
        if (count == 0)
            break;
        got += static_cast<std::size_t>(count);
    }
    result.text.resize(got);
    if (known != nullptr)
        *known = now;
    return result;
}

outcome<void> replace_file(const std::filesystem::path& path, std::string_view text) {
    const auto young = path.string() + ".new";
    descriptor file{::open(young.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file)
        return system_failure(errno, fmt::format("cannot make {}", young));
    while (!text.empty()) {
        auto count = ::write(file.get(), text.data(), text.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return system_failure(errno, fmt::format("cannot write {}", young));
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::fdatasync(file.get()) != 0 || ::rename(young.c_str(), path.c_str()) != 0)
        return system_failure(errno, fmt::format("cannot replace {}", path.string()));
    return {};
}

} // namespace gestvenv
