// SPDX-License-Identifier: MIT
// Reads a tar archive from a regular file, entry by entry. No other folder sees the library for it (net/files/*.cpp does).
#pragma once

#include "messages/outcome.hpp"

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace gestvenv::files {

struct tar_entry {
    enum class kind : std::uint8_t { file, folder, link, hard_link, other };

    /// As the archive has it.
    std::string name;
    kind what = kind::file;
    /// Where a link leads.
    std::string target;
    std::uint64_t size = 0;
    mode_t mode = 0;
    timespec modified_at{};
};

/// Not thread-safe. Errors: invalid_argument for what is no archive, or a damaged one.
class tar_archive {
public:
    /// Reads the regular file from its beginning; it stays open for as long as this lives.
    static outcome<tar_archive> open(int file);
    tar_archive(tar_archive&&) noexcept;
    tar_archive& operator=(tar_archive&&) = delete;
    ~tar_archive();

    /// False at the end.
    outcome<bool> next(tar_entry& entry);
    /// The content of the last entry, without its holes.
    outcome<void>
    read(const std::function<outcome<void>(std::uint64_t offset, std::string_view bytes)>& take);

private:
    struct implementation;
    explicit tar_archive(std::unique_ptr<implementation> inside);
    std::unique_ptr<implementation> inside_;
};

} // namespace gestvenv::files
