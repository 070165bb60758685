// SPDX-License-Identifier: MIT
#include "system/posix/regular_file.hpp"

#include "messages/shown_text.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/read_bytes.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>

namespace gestvenv {

outcome<std::string> read_regular_file(const std::filesystem::path& path, std::size_t largest) {
    auto cannot = [&path](int number) {
        return system_failure(number, fmt::format("cannot read {}", shown(path.string())));
    };
    auto refused = [&path](std::string_view why) {
        return failure(error_code::invalid_argument, fmt::format("{} is {}", shown(path.string()), why));
    };
    // Without waiting for the other end of what may be a pipe.
    descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0)
        return cannot(errno);
    if (!S_ISREG(status.st_mode))
        return refused("no regular file");
    auto text = read_bytes(file.get(), largest + 1);
    if (!text)
        return cannot(text.error());
    if (text->size() > largest)
        return refused(fmt::format("larger than {} bytes", largest));
    return std::move(*text);
}

} // namespace gestvenv
