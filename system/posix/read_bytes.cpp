// SPDX-License-Identifier: MIT
#include "system/posix/read_bytes.hpp"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace gestvenv {

tl::expected<std::string, int> read_bytes(int descriptor, std::size_t most) {
    constexpr std::size_t step = 64 * 1024;
    std::string bytes;
    while (bytes.size() < most) {
        const auto size = bytes.size();
        const auto wanted = std::min(step, most - size);
        bytes.resize(size + wanted);
        const auto got = ::read(descriptor, bytes.data() + size, wanted);
        const auto problem = errno;
        bytes.resize(size + (got > 0 ? static_cast<std::size_t>(got) : 0));
        if (got == 0)
            break;
        if (got < 0 && problem != EINTR)
            return tl::unexpected{problem};
    }
    return bytes;
}

} // namespace gestvenv
