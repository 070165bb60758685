// SPDX-License-Identifier: MIT
// Names of open descriptors in the file system.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace gestvenv {

/// 63 of `/dev/fd/63` and `/proc/self/fd/63`, 0 of `/dev/stdin`; nothing for any other path.
inline std::optional<int> descriptor_named(std::string_view path) noexcept {
    if (path == "/dev/stdin")
        return 0;
    for (std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        if (!path.starts_with(folder))
            continue;
        auto text = path.substr(folder.size());
        int number = -1;
        auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (problem == std::errc{} && end == text.data() + text.size() && number >= 0)
            return number;
    }
    return std::nullopt;
}

} // namespace gestvenv
