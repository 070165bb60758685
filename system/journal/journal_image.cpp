// SPDX-License-Identifier: MIT
#include "system/journal/journal_image.hpp"

#include "system/posix/descriptor.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

namespace gestvenv {

namespace {

// sqlite.org/fileformat2.html, "The Write-Ahead Log": a header of 32 bytes, then frames of 24 bytes and a
// page. Numbers are big-endian; the last bit of the magic number tells how the words of a checksum are read.
constexpr std::size_t log_header_size = 32;
constexpr std::size_t frame_header_size = 24;
constexpr std::uint32_t log_magic = 0x377F0682;
constexpr std::size_t file_header_size = 100;

constexpr std::size_t largest_file = std::size_t{1} << 30;
constexpr int attempts = 5;

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t index = 0; index < 4; ++index)
        value = value << 8U | static_cast<unsigned char>(bytes[at + index]);
    return value;
}

class checksum {
public:
    explicit checksum(bool words_are_big_endian) : big_(words_are_big_endian) {}

    /// `bytes` come in multiples of 8.
    void add(std::string_view bytes) {
        for (std::size_t at = 0; at < bytes.size(); at += 8) {
            first_ += word(bytes, at) + second_;
            second_ += word(bytes, at + 4) + first_;
        }
    }

    bool matches(std::string_view bytes, std::size_t at) const {
        return big_endian(bytes, at) == first_ && big_endian(bytes, at + 4) == second_;
    }

private:
    std::uint32_t word(std::string_view bytes, std::size_t at) const {
        std::uint32_t value = 0;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        return big_ == (std::endian::native == std::endian::big) ? value : __builtin_bswap32(value);
    }

    bool big_;
    std::uint32_t first_ = 0;
    std::uint32_t second_ = 0;
};

outcome<std::string> read_all(const descriptor& file, const std::string& name, std::size_t limit) {
    std::string bytes;
    std::array<char, std::size_t{1} << 16> buffer{};
    while (bytes.size() < limit) {
        auto got = ::pread(file.get(), buffer.data(), std::min(buffer.size(), limit - bytes.size()),
                           static_cast<off_t>(bytes.size()));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return system_failure(errno, fmt::format("cannot read {}", name));
        if (got == 0)
            break;
        bytes.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return bytes;
}

struct frame {
    std::size_t page_number;
    /// Pages of the whole database where a transaction ends here, else 0.
    std::size_t pages_at_end;
    std::string_view page;
};

/// The frames of whole transactions. What follows the last one does not count, as it would not for SQLite.
std::vector<frame> frames_of(std::string_view log, std::size_t page_size) {
    std::vector<frame> frames;
    if (log.size() < log_header_size || (big_endian(log, 0) & ~1U) != log_magic ||
        big_endian(log, 8) != page_size)
        return frames;
    checksum sum{(big_endian(log, 0) & 1U) != 0};
    sum.add(log.substr(0, 24));
    if (!sum.matches(log, 24))
        return frames;
    auto salts = log.substr(16, 8);
    std::size_t committed = 0;
    auto frame_size = frame_header_size + page_size;
    for (auto at = log_header_size; at + frame_size <= log.size(); at += frame_size) {
        frame next{big_endian(log, at), big_endian(log, at + 4),
                   log.substr(at + frame_header_size, page_size)};
        sum.add(log.substr(at, 8));
        sum.add(next.page);
        bool possible =
            next.page_number > 0 && std::max(next.page_number, next.pages_at_end) <= largest_file / page_size;
        if (!possible || log.substr(at + 8, 8) != salts || !sum.matches(log, at + 16))
            break;
        frames.push_back(next);
        if (next.pages_at_end != 0)
            committed = frames.size();
    }
    frames.resize(committed);
    return frames;
}

/// Replaces the pages of `image` that the log has newer.
void apply_log(std::string_view log, std::size_t page_size, std::string& image) {
    for (const auto& next : frames_of(log, page_size)) {
        auto pages = std::max(next.page_number, next.pages_at_end);
        if (image.size() < pages * page_size || next.pages_at_end != 0)
            image.resize(pages * page_size);
        std::memcpy(image.data() + (next.page_number - 1) * page_size, next.page.data(), page_size);
    }
}

outcome<sqlite::database> to_database(const std::string& image) {
    auto connection = sqlite::database::open(":memory:", SQLITE_OPEN_READWRITE);
    if (!connection)
        return connection;
    auto* bytes = static_cast<unsigned char*>(sqlite3_malloc64(image.size()));
    if (bytes == nullptr)
        return failure(error_code::journal_failed, "there is no memory for the journal");
    std::memcpy(bytes, image.data(), image.size());
    // Says "no write-ahead log", which a database in memory cannot have (offsets 18 and 19 of the file's
    // header).
    bytes[18] = 1;
    bytes[19] = 1;
    auto size = static_cast<sqlite3_int64>(image.size());
    if (sqlite3_deserialize(connection->get(), "main", bytes, size, size,
                            SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
        return sqlite::last_error(connection->get(), "the journal cannot be read");
    return connection;
}

/// One attempt; an empty text when the log was started over meanwhile.
outcome<std::string> read_image(const std::filesystem::path& path) {
    auto name = path.string();
    descriptor file{::open(name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
    if (!file)
        return system_failure(errno, fmt::format("cannot open {}", name));
    auto log_name = name + "-wal";
    descriptor log_file{::open(log_name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
    if (!log_file && errno != ENOENT)
        return system_failure(errno, fmt::format("cannot open {}", log_name));
    // File first, log second: pages that are copied from log to file while we read are in our log as well, as
    // long as the log is not started over, which changes its header.
    std::string before;
    if (log_file) {
        auto header = read_all(log_file, log_name, log_header_size);
        if (!header)
            return header;
        before = std::move(*header);
    }
    auto image = read_all(file, name, largest_file);
    if (!image || !log_file)
        return image;
    auto log = read_all(log_file, log_name, largest_file);
    if (!log)
        return log;
    auto after = read_all(log_file, log_name, log_header_size);
    if (!after)
        return after;
    if (*after != before)
        return std::string{};
    if (image->size() < file_header_size)
        return failure(error_code::journal_failed, fmt::format("{} is damaged", name));
    auto page_size = big_endian(*image, 14) & 0xFFFFU; // two bytes at offset 16
    if (page_size < 512 || image->size() % page_size != 0)
        return failure(error_code::journal_failed, fmt::format("{} is damaged", name));
    apply_log(*log, page_size, *image);
    return image;
}

} // namespace

outcome<sqlite::database> open_image(const std::filesystem::path& path) {
    for (int attempt = 0; attempt < attempts; ++attempt) {
        std::this_thread::sleep_for(attempt * std::chrono::milliseconds{2});
        auto image = read_image(path);
        if (!image)
            return failure(std::move(image).error());
        if (image->size() >= file_header_size)
            return to_database(*image);
    }
    return failure(error_code::journal_failed, fmt::format("{} changes too fast to be read", path.string()),
                   "try again");
}

} // namespace gestvenv
