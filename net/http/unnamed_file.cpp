// SPDX-License-Identifier: MIT
#include "net/http/unnamed_file.hpp"

#include "system/posix/system_failure.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace gestvenv::http {

outcome<descriptor> unnamed_file() {
    const char* given = std::getenv("TMPDIR");
    std::string folder = given && *given ? given : "/tmp";
    descriptor file{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    if (!file && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
        // A file system without O_TMPFILE, or a kernel that does not know it (open(2)).
        auto name = folder + "/gestvenv-body-XXXXXX";
        file = descriptor{::mkostemp(name.data(), O_CLOEXEC)};
        if (file)
            ::unlink(name.c_str());
    }
    if (!file)
        return system_failure(errno, "cannot make a file in " + folder);
    return file;
}

outcome<void> write_to(const descriptor& file, std::string_view bytes) {
    while (!bytes.empty()) {
        auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR)
            return system_failure(errno, "cannot write a temporary file");
        if (written > 0)
            bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

void rewind(const descriptor& file) noexcept {
    ::lseek(file.get(), 0, SEEK_SET);
}

} // namespace gestvenv::http
