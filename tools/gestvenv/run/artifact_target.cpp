// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/artifact_target.hpp"

#include "messages/shown_text.hpp"
#include "system/posix/system_failure.hpp"
#include "system/random_identifier.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

std::filesystem::path joined(std::filesystem::path name, const std::vector<std::string>& path) {
    for (const auto& component : path)
        name /= component;
    return name;
}

/// 0, or what went wrong.
int write_all_to(const descriptor& file, std::string_view bytes) {
    while (!bytes.empty()) {
        auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

/// ETIMEDOUT stands for `too_late`.
int copy_bytes(const descriptor& source, const descriptor& target, std::int64_t& copied,
               const std::function<bool()>& too_late) {
    std::vector<char> buffer(std::size_t{1} << 18);
    while (true) {
        if (too_late())
            return ETIMEDOUT;
        auto got = ::read(source.get(), buffer.data(), buffer.size());
        if (got == 0)
            return 0;
        if (got < 0) {
            if (errno != EINTR)
                return errno;
            continue;
        }
        if (int problem = write_all_to(target, {buffer.data(), static_cast<std::size_t>(got)}); problem != 0)
            return problem;
        copied += got;
    }
}

} // namespace

outcome<artifact_target> artifact_target::open(const std::filesystem::path& folder) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    artifact_target target;
    target.name_ = folder;
    target.folder_ = descriptor{::open(folder.c_str(), folder_flags)};
    if (!target.folder_)
        return target.cannot(problem && errno == ENOENT ? problem.value() : errno, {});
    return target;
}

outcome<std::int64_t> artifact_target::copy(const descriptor& source, const std::vector<std::string>& path,
                                            const std::function<bool()>& too_late) const {
    auto folder = open_below({path.begin(), path.end() - 1});
    if (!folder)
        return failure(std::move(folder).error());
    struct stat found {};
    if (::fstat(source.get(), &found) != 0)
        return cannot(errno, path);
    // What may be executed may be in the copy; whose it is and more than that is the target's affair.
    const mode_t mode = 0666 | (found.st_mode & 0111);
    const auto beside = ".gestvenv-" + random_identifier();
    descriptor target{::openat(folder->get(), beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
    if (!target)
        return cannot(errno, path);
    std::int64_t copied = 0;
    int problem = copy_bytes(source, target, copied, too_late);
    // A full disk may show itself only now (close(2)).
    if (::close(target.release()) != 0 && problem == 0)
        problem = errno;
    if (problem == 0 && ::renameat(folder->get(), beside.c_str(), folder->get(), path.back().c_str()) != 0)
        problem = errno;
    if (problem == 0)
        return copied;
    ::unlinkat(folder->get(), beside.c_str(), 0);
    if (problem == ETIMEDOUT)
        return failure(error_code::deadline_exceeded, "there was no time to copy it");
    return cannot(problem, path);
}

outcome<void> artifact_target::make_folder(const std::vector<std::string>& path) const {
    return open_below(path).map([](const descriptor&) {});
}

outcome<descriptor> artifact_target::open_below(std::vector<std::string> path) const {
    descriptor here{::openat(folder_.get(), ".", folder_flags)};
    if (!here)
        return cannot(errno, path);
    for (const auto& component : path) {
        if (::mkdirat(here.get(), component.c_str(), 0777) != 0 && errno != EEXIST)
            return cannot(errno, path);
        descriptor next{::openat(here.get(), component.c_str(), folder_flags | O_NOFOLLOW)};
        if (!next)
            return cannot(errno, path);
        here = std::move(next);
    }
    return here;
}

tl::unexpected<error> artifact_target::cannot(int number, const std::vector<std::string>& path) const {
    auto problem = system_failure(
        number, fmt::format("cannot write the artifact {}", shown(joined(name_, path).native())));
    if (problem.value().hint.empty())
        problem.value().hint = "the folder of --artifacts GLOB=DIR must be writable and have room";
    return problem;
}

} // namespace gestvenv::cli
