// SPDX-License-Identifier: MIT
#include "runtime/configuration_file.hpp"

#include "messages/shown_text.hpp"
#include "runtime/configuration_document.hpp"
#include "runtime/observability_configuration.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/read_bytes.hpp"
#include "system/posix/system_failure.hpp"
#include "system/python/search_context.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = std::size_t{1} << 20;
constexpr std::chrono::seconds patience{5};
constexpr int pause_ms = 10;

std::string variable(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): read only
    return value == nullptr ? "" : value;
}

outcome<void> check(const fs::path& path, const struct stat& found) {
    auto refuse = [&path](error_code code, const char* why, std::string hint) {
        return failure(code, fmt::format("the configuration file {} {}", shown(path.native()), why),
                       std::move(hint));
    };
    if (!S_ISREG(found.st_mode))
        return refuse(error_code::invalid_argument, "is not a regular file", "name a file of TOML");
    if (found.st_uid != ::geteuid() && found.st_uid != 0)
        return refuse(error_code::permission_denied, "belongs to another user",
                      "make a copy of your own, and name it with --config or GESTVENV_CONFIG");
    if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return refuse(error_code::permission_denied, "can be written by others",
                      fmt::format("chmod go-w '{}'", path.string()));
    if (found.st_size > static_cast<off_t>(largest_file))
        return refuse(error_code::invalid_argument, "has more than a megabyte", "name a file of TOML");
    return {};
}

tl::unexpected<error> cannot(const char* what, const fs::path& path, int number) {
    return system_failure(number, fmt::format("cannot {} the configuration file {}", what, path.string()));
}

outcome<std::string> read_all(const descriptor& file, const fs::path& path) {
    auto text = read_bytes(file.get(), largest_file + 1);
    if (!text)
        return cannot("read", path, text.error());
    return std::move(*text);
}

outcome<void> make_folder(const fs::path& folder) {
    if (folder.empty() || ::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST)
        return {};
    if (errno != ENOENT || !folder.has_relative_path())
        return system_failure(errno, fmt::format("cannot create the folder {}", folder.string()));
    return make_folder(folder.parent_path()).and_then([&]() -> outcome<void> {
        if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST)
            return {};
        return system_failure(errno, fmt::format("cannot create the folder {}", folder.string()));
    });
}

/// One program at a time changes what is in the folder; the lock ends with the descriptor.
outcome<descriptor> lock_folder(const fs::path& folder) {
    descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!opened)
        return system_failure(errno, fmt::format("cannot open the folder {}", folder.string()));
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return system_failure(errno, fmt::format("cannot lock the folder {}", folder.string()));
        if (std::chrono::steady_clock::now() >= deadline)
            return failure(error_code::deadline_exceeded,
                           fmt::format("another program holds the folder {}", folder.string()),
                           "try again when it has ended");
        ::poll(nullptr, 0, pause_ms);
    }
    return opened;
}

outcome<void> write_and_rename(const fs::path& path, const descriptor& folder, std::string_view text) {
    auto beside = path.string() + ".XXXXXX";
    descriptor file{::mkostemp(beside.data(), O_CLOEXEC)}; // mode 0600
    if (!file)
        return cannot("write", path, errno);
    int problem = 0;
    while (!text.empty() && problem == 0) {
        auto written = ::write(file.get(), text.data(), text.size());
        if (written >= 0)
            text.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            problem = errno;
    }
    if (problem == 0 && (::fsync(file.get()) != 0 || std::rename(beside.c_str(), path.c_str()) != 0))
        problem = errno;
    if (problem == 0)
        static_cast<void>(::fsync(folder.get())); // the new name after a power loss, where it can be had
    else
        ::unlink(beside.c_str());
    return problem == 0 ? outcome<void>{} : cannot("write", path, problem);
}

} // namespace

configuration_place find_configuration_file(const fs::path& file, bool read_variables) {
    if (!file.empty())
        return {fs::absolute(file), true};
    if (read_variables) {
        if (auto named = variable("GESTVENV_CONFIG"); !named.empty())
            return {fs::absolute(named), true};
        // The XDG base directory specification has relative paths ignored.
        if (fs::path folder = variable("XDG_CONFIG_HOME"); folder.is_absolute())
            return {folder / "gestvenv/config.toml", false};
    }
    return {python::search_context_from_process().home / ".config/gestvenv/config.toml", false};
}

outcome<configuration_text> read_configuration_file(const fs::path& path, bool must_exist) {
    // Not to wait for a writer where the file is a pipe; it is refused below.
    descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!file && !must_exist && (errno == ENOENT || errno == ENOTDIR))
        return configuration_text{};
    // A home that belongs to another user (a container with a user id of its own and HOME=/root) holds no
    // file of ours.
    if (!file && !must_exist && errno == EACCES &&
        ::access(python::search_context_from_process().home.c_str(), X_OK) != 0)
        return configuration_text{};
    struct stat found {};
    if (!file || ::fstat(file.get(), &found) != 0)
        return cannot("read", path, errno);
    return check(path, found).and_then([&] { return read_all(file, path); }).map([](std::string text) {
        return configuration_text{std::move(text), true};
    });
}

outcome<void>
change_configuration_file(const fs::path& path,
                          const std::function<outcome<std::string>(const std::string&)>& change) {
    std::error_code missing;
    auto target = fs::canonical(path, missing);
    if (missing)
        target = path;
    if (auto made = make_folder(target.parent_path()); !made)
        return made;
    auto folder = lock_folder(target.parent_path());
    if (!folder)
        return failure(std::move(folder).error());
    auto before = read_configuration_file(target, false);
    if (!before)
        return failure(std::move(before).error());
    auto after = change(before->text);
    if (!after)
        return failure(std::move(after).error());
    if (before->exists && *after == before->text)
        return {};
    return write_and_rename(target, *folder, *after);
}

outcome<observability_configuration> read_observability_configuration(const fs::path& file) {
    const auto place = find_configuration_file(file, true);
    auto content = read_configuration_file(place.path, place.named);
    if (!content)
        return failure(std::move(content).error());
    return parse_observability(content->text, place.path.string());
}

} // namespace gestvenv
