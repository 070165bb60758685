// SPDX-License-Identifier: MIT
// Packs a folder or a file into a tar stream, piece by piece, as fast as it is taken.
#pragma once

#include "messages/outcome.hpp"
#include "net/files/file_access.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace gestvenv::files {

/// The entries of a folder have names relative to it; a file is one entry. Regular files, folders and links are packed;
/// pipes, sockets and devices are left out. What changes meanwhile is packed as it is found; a file that gets shorter
/// while it is read is an error, since its size has been said. Not thread-safe; blocks.
class tar_packer {
public:
    static constexpr std::size_t piece_size = std::size_t{64} << 10;
    static constexpr std::size_t most_named = 20;

    /// `name` is that of a file.
    static outcome<tar_packer> begin(opened_path what, const std::string& name);
    tar_packer(tar_packer&&) noexcept;
    tar_packer& operator=(tar_packer&&) = delete;
    ~tar_packer();

    /// About `piece_size` bytes more; empty: that was all.
    outcome<std::string> next();

    /// Names of what was left out so far, the first `most_named` of `all_left_out()`.
    const std::vector<std::string>& left_out() const noexcept;
    std::size_t all_left_out() const noexcept;

private:
    struct implementation;
    explicit tar_packer(std::unique_ptr<implementation> inside);
    std::unique_ptr<implementation> inside_;
};

} // namespace gestvenv::files
