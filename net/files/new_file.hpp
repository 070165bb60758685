// SPDX-License-Identifier: MIT
// A file that is written beside its place and moved there when it is whole: what was there before, be it a link or a
// pipe, is neither opened nor seen half replaced.
#pragma once

#include "messages/outcome.hpp"
#include "net/files/contained_path.hpp"
#include "net/files/file_workers.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace gestvenv::files {

class new_file {
public:
    /// In the open folder of its place, `path`, of which the last part is used.
    static outcome<new_file> begin(int parent, const path_parts& path);
    new_file(new_file&& other) noexcept;
    new_file& operator=(new_file&&) = delete;
    /// Removes it, unless it was put in its place.
    ~new_file();

    outcome<void> write_at(std::uint64_t offset, std::string_view bytes);
    /// `size` bytes of a regular file, from its beginning. It may be shorter by now: then that is an error.
    outcome<void> copy(int source, std::uint64_t size, const deadline& until);
    /// Of these permissions, this size (a hole at the end) and this time, unless it is null.
    outcome<void> finish(mode_t mode, std::uint64_t size, const timespec* modified_at);

private:
    new_file() = default;
    tl::unexpected<error> cannot(int number) const;

    int parent_ = -1;
    path_parts path_;
    std::string beside_;
    descriptor file_;
};

} // namespace gestvenv::files
