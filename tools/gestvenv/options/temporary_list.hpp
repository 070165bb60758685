// SPDX-License-Identifier: MIT
// A list of requirements that came through a pipe, as a file which another process reads by its name.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <filesystem>
#include <string>

namespace gestvenv::cli {

/// In the folder of temporary files. It goes with this object, and by SIGINT, SIGTERM, SIGHUP and SIGQUIT as far as those
/// end this program. Its lock (flock(2)) tells that its program lives: what a killed one has left is removed when the
/// next list is made. One at a time.
class temporary_list {
public:
    static outcome<temporary_list> make(const std::string& content);
    temporary_list(temporary_list&& other) noexcept;
    temporary_list& operator=(temporary_list&&) = delete;
    ~temporary_list();

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    temporary_list(std::filesystem::path path, descriptor lock);

    std::filesystem::path path_;
    descriptor lock_;
};

} // namespace gestvenv::cli
