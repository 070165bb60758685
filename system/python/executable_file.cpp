// SPDX-License-Identifier: MIT
#include "system/python/executable_file.hpp"

#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gestvenv::python {

bool is_executable_file(const std::filesystem::path& file) noexcept {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(file.c_str(), X_OK) == 0;
}

bool is_binary_program(const std::filesystem::path& file) noexcept {
    if (!is_executable_file(file))
        return false;
    int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return true; // may be executed and not read: as good as any binary
    char magic[4] = {};
    auto count = ::read(descriptor, magic, sizeof magic);
    ::close(descriptor);
    return count == 4 && std::memcmp(magic,
                                     "\x7f"
                                     "ELF",
                                     4) == 0;
}

} // namespace gestvenv::python
