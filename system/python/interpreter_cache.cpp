// SPDX-License-Identifier: MIT
#include "system/python/interpreter_cache.hpp"

#include "messages/wire.hpp"
#include "system/version.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace gestvenv::python {

namespace fs = std::filesystem;

namespace {

// Goes up whenever what a probe records, or how a file is laid out, changes: older files are then misses.
constexpr int format_version = 2;

// A recorded interpreter is 20 KB; a file far beyond that is none of ours.
constexpr off_t largest_file = 4 << 20;

// One file of the cache.
struct cache_file {
    interpreter_key key;
    python::interpreter interpreter;
};

template <class Inspector>
bool inspect(Inspector& f, cache_file& x) {
    return f.object(x).fields(f.field("key", x.key), f.field("interpreter", x.interpreter));
}

// What a file begins with. The rest is as in a message between our processes: each start reads one, and reading it as
// JSON takes a tenth of that start.
std::string first_line() {
    return fmt::format("gestvenv {} interpreter {}\n", program_version, format_version);
}

// FNV-1a: the name need not resist an attack, for the whole key is compared after reading.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 14695981039346656037u;
    for (char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return hash;
}

// One file per path, so that a changed interpreter replaces its old entry instead of adding one.
fs::path file_for(const fs::path& folder, const interpreter_key& key) {
    return folder / fmt::format("{:016x}.record", hash_of(key.path.string()));
}

std::int64_t nanoseconds(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

error_code code_for(int number) {
    if (number == ENOSPC || number == EDQUOT)
        return error_code::storage_full;
    if (number == EACCES || number == EPERM || number == EROFS)
        return error_code::permission_denied;
    return error_code::system_failure;
}

tl::unexpected<error> cannot(std::string_view what, const fs::path& path, int number) {
    return failure(code_for(number),
                   fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(number)));
}

std::optional<std::string> read_whole(const fs::path& path) {
    int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return std::nullopt;
    std::string text;
    struct stat status {};
    // Another user's file would let them choose what our environments run.
    bool ours = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= largest_file &&
                status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    if (ours) {
        text.resize(static_cast<std::size_t>(status.st_size));
        auto count = ::read(file, text.data(), text.size());
        ours = count == status.st_size;
    }
    ::close(file);
    return ours ? std::optional{std::move(text)} : std::nullopt;
}

// 0 or an errno.
int write_whole(int file, std::string_view text) {
    while (!text.empty()) {
        auto count = ::write(file, text.data(), text.size());
        if (count < 0 && errno != EINTR)
            return errno;
        if (count > 0)
            text.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
}

} // namespace

outcome<interpreter_key> key_of(const fs::path& executable) {
    struct stat link {};
    struct stat target {};
    if (::lstat(executable.c_str(), &link) != 0 || ::stat(executable.c_str(), &target) != 0) {
        if (errno == EACCES)
            return failure(error_code::permission_denied,
                           fmt::format("cannot look at {}: {}", executable.string(), std::strerror(errno)));
        return failure(error_code::interpreter_not_found,
                       fmt::format("there is no interpreter at {}", executable.string()),
                       "name a version, as in `--python 3.12`, or the path of an interpreter");
    }
    std::error_code problem;
    auto resolved = fs::canonical(executable, problem);
    if (problem)
        return cannot("resolve", executable, problem.value());
    return interpreter_key{executable, resolved, static_cast<std::uint64_t>(target.st_size),
                           nanoseconds(target.st_mtim), nanoseconds(link.st_mtim)};
}

bool is_current(const interpreter_key& key) noexcept {
    struct stat link {};
    struct stat target {};
    return ::lstat(key.path.c_str(), &link) == 0 && ::stat(key.path.c_str(), &target) == 0 &&
           static_cast<std::uint64_t>(target.st_size) == key.size &&
           nanoseconds(target.st_mtim) == key.modified_ns &&
           nanoseconds(link.st_mtim) == key.link_modified_ns;
}

std::optional<interpreter> interpreter_cache::load(const interpreter_key& key) const {
    auto text = read_whole(file_for(folder_, key));
    if (!text)
        return std::nullopt;
    std::string_view rest = *text;
    // Looked at before the rest, which another format may lay out in another way.
    const auto beginning = first_line();
    if (!rest.starts_with(beginning))
        return std::nullopt;
    rest.remove_prefix(beginning.size());
    auto file = wire::from_bytes<cache_file>(rest);
    if (!file || file->key != key || !check(file->interpreter.layout))
        return std::nullopt;
    return std::move(file->interpreter);
}

outcome<void> interpreter_cache::store(const interpreter_key& key, const interpreter& value) const {
    std::error_code problem;
    fs::create_directories(folder_, problem);
    if (problem)
        return cannot("make", folder_, problem.value());
    cache_file record{key, value};
    const auto text = first_line() + wire::to_bytes(record);
    auto pattern = (folder_ / "new-XXXXXX").string();
    int file = ::mkostemp(pattern.data(), O_CLOEXEC); // mode 0600
    if (file < 0)
        return cannot("write in", folder_, errno);
    int number = write_whole(file, text);
    if (::close(file) != 0 && number == 0)
        number = errno;
    if (number == 0 && ::rename(pattern.c_str(), file_for(folder_, key).c_str()) != 0)
        number = errno;
    if (number != 0) {
        ::unlink(pattern.c_str());
        return cannot("write", file_for(folder_, key), number);
    }
    return {};
}

fs::path default_interpreter_cache_folder(const search_context& context) {
    return context.cache_home / "gestvenv" / "interpreters";
}

} // namespace gestvenv::python
