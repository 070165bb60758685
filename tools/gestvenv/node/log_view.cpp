// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node/log_view.hpp"

#include "system/posix/descriptor.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr std::chrono::milliseconds look_interval{200};
/// The end of the file that is looked at for lines.
constexpr off_t most_read = off_t{4} << 20;

std::string last_lines(const std::string& text, int lines) {
    std::size_t begin = text.size();
    for (int count = 0; count <= lines && begin != std::string::npos; ++count)
        begin = begin == 0 ? std::string::npos : text.rfind('\n', begin - 1);
    return begin == std::string::npos ? text : text.substr(begin + 1);
}

/// What is in the file behind the present offset.
std::string rest_of(int file) {
    std::string text;
    std::array<char, 65536> piece{};
    for (;;) {
        auto count = ::read(file, piece.data(), piece.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return text;
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
}

descriptor open_log(const std::filesystem::path& path) {
    return descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
}

/// False: it has been put aside, and there is another one. What was written to it before is still read.
bool is_still_at(int file, const std::filesystem::path& path) {
    struct stat held {};
    struct stat named {};
    return ::fstat(file, &held) != 0 || ::lstat(path.c_str(), &named) != 0 || held.st_ino == named.st_ino;
}

} // namespace

int show_log(const std::filesystem::path& path, int lines, bool follow, const std::stop_token& interrupted) {
    auto file = open_log(path);
    if (!file && errno == ENOENT && !follow)
        return 0; // no node has been started in the background
    if (!file) {
        print_error({error_code::system_failure,
                     fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)),
                     {},
                     {}});
        return exit_status::internal_error;
    }
    struct stat status {};
    if (::fstat(file.get(), &status) == 0 && status.st_size > most_read)
        ::lseek(file.get(), status.st_size - most_read, SEEK_SET);
    if (auto printed = print(last_lines(rest_of(file.get()), std::max(lines, 0))); printed != 0 || !follow)
        return printed;
    // Without a console Ctrl-C ends the program, as it does tail(1).
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock{mutex};
    for (;;) {
        changed.wait_for(lock, interrupted, look_interval, [] { return false; });
        if (interrupted.stop_requested())
            return exit_status::interrupted;
        auto next = is_still_at(file.get(), path) ? descriptor{} : open_log(path);
        auto more = rest_of(file.get());
        if (next) {
            file = std::move(next);
            more += rest_of(file.get());
        }
        if (!more.empty() && !write_all(STDOUT_FILENO, more))
            return 0; // the reader has gone away
    }
}

} // namespace gestvenv::cli
