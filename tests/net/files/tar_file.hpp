// SPDX-License-Identifier: MIT
// Archives as an attacker makes them: header by header (POSIX ustar), without the checks of a library.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

#include "system/posix/descriptor.hpp"

namespace gestvenv::test {

struct tar_header {
    std::string name;
    /// `0` file, `1` hard link, `2` link, `3` device, `5` folder, `6` pipe.
    char type = '0';
    std::string content = {};
    std::string target = {};
    unsigned mode = 0644;
    /// In place of the content's.
    std::int64_t size = -1;
};

class tar_file {
public:
    tar_file& add(const tar_header& entry) {
        constexpr std::size_t block = 512;
        std::string header(block, '\0');
        auto put = [&](std::size_t at, std::size_t room, std::string_view text) {
            std::memcpy(header.data() + at, text.data(), std::min(text.size(), room));
        };
        auto octal = [&](std::size_t at, std::size_t room, std::uint64_t value) {
            put(at, room, fmt::format("{:0{}o}", value, room - 1));
        };
        auto size = entry.size < 0 ? entry.content.size() : static_cast<std::size_t>(entry.size);
        put(0, 100, entry.name);
        octal(100, 8, entry.mode);
        octal(108, 8, 0);
        octal(116, 8, 0);
        octal(124, 12, size);
        octal(136, 12, 1'000'000'000);
        put(148, 8, "        ");
        header[156] = entry.type;
        put(157, 100, entry.target);
        put(257, 8, std::string_view{"ustar\00000", 8});
        unsigned sum = 0;
        for (unsigned char byte : header)
            sum += byte;
        octal(148, 7, sum);
        bytes_ += header;
        bytes_ += entry.content;
        bytes_.append((block - entry.content.size() % block) % block, '\0');
        return *this;
    }

    std::string bytes() const { return bytes_ + std::string(1024, '\0'); }

private:
    std::string bytes_;
};

/// In memory, as a regular file.
inline descriptor file_of(std::string_view bytes) {
    descriptor file{::memfd_create("test", MFD_CLOEXEC)};
    while (!bytes.empty()) {
        auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written <= 0)
            return {};
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

inline descriptor file_of(const tar_file& archive) {
    return file_of(archive.bytes());
}

} // namespace gestvenv::test
