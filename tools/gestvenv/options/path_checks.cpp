// SPDX-License-Identifier: MIT
#include "tools/gestvenv/options/path_checks.hpp"

#include "tools/gestvenv/options/option_values.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace gestvenv::cli {

namespace files = std::filesystem;

bool may(const files::path& path, int mode) {
    if (::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0)
        return true;
    // Older containers' filters answer EPERM to the call that takes the flag.
    return errno == EPERM && ::geteuid() == ::getuid() && ::access(path.c_str(), mode) == 0;
}

std::string reason(int number) {
    return std::generic_category().message(number);
}

outcome<mode_t> kind_of(const char* option, const files::path& path, const char* hint) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0)
        return bad_value(fmt::format("{} {}: {}", option, shown(path.native()), reason(errno)), hint);
    return found.st_mode;
}

} // namespace gestvenv::cli
