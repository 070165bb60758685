// SPDX-License-Identifier: MIT
// Names of files, as both directions of a copy need them.
#pragma once

#include "net/client/node_link.hpp"
#include "net/files/file_workers.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace gestvenv::cli {

inline constexpr std::string_view tar_type = "application/x-tar";
inline constexpr std::string_view file_type = "application/octet-stream";

/// A copy takes as long as it takes; Ctrl-C ends it.
inline const files::deadline no_deadline{files::deadline::clock::time_point::max()};

/// As the value of a parameter (RFC 3986, section 3.4).
inline std::string query_text(std::string_view text) {
    return path_part(text);
}

/// Below `/api/v1`. `rest` is what follows `/files`.
inline std::string files_path(std::string_view environment_id, std::string_view rest) {
    return fmt::format("/ephemeral/environments/{}/files{}", path_part(environment_id), rest);
}

/// Of `a/b/.` and of nothing: there is none.
inline std::string last_name(std::string_view path) {
    while (path.ends_with('/'))
        path.remove_suffix(1);
    auto name = path.substr(path.rfind('/') + 1);
    return name == "." || name == ".." ? std::string{} : std::string{name};
}

} // namespace gestvenv::cli
