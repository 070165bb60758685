// SPDX-License-Identifier: MIT
#include "tools/gestvenv/options/temporary_list.hpp"

#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

namespace files = std::filesystem;

constexpr const char* name_begins = "gestvenv-requirements-";
constexpr std::array ending_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/// What a signal's handler removes: it may not allocate.
std::array<char, 4096> path_for_handler{};

extern "C" void remove_and_end(int signal) {
    ::unlink(path_for_handler.data());
    std::signal(signal, SIG_DFL);
    ::raise(signal);
}

/// A signal that is ignored, or that is someone else's already, stays so.
void let_signals_remove(const std::string& path) {
    if (path.size() >= path_for_handler.size())
        return;
    std::memcpy(path_for_handler.data(), path.c_str(), path.size() + 1);
    for (int signal : ending_signals) {
        struct sigaction now {};
        if (::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
            std::signal(signal, remove_and_end);
    }
}

void let_signals_be() {
    for (int signal : ending_signals) {
        struct sigaction now {};
        if (::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == remove_and_end)
            std::signal(signal, SIG_DFL);
    }
    path_for_handler.front() = '\0';
}

/// Of programs that were killed. What cannot be looked at or removed is left to the folder's owner.
void remove_stale(const files::path& folder) {
    std::error_code unreadable;
    for (files::directory_iterator entry{folder, unreadable}, end; !unreadable && entry != end;
         entry.increment(unreadable)) {
        const auto& path = entry->path();
        if (!path.filename().native().starts_with(name_begins))
            continue;
        const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
        struct stat status {};
        if (file && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
            status.st_uid == ::geteuid() && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0)
            ::unlink(path.c_str());
    }
}

} // namespace

outcome<temporary_list> temporary_list::make(const std::string& content) {
    std::error_code problem;
    const auto folder = files::temp_directory_path(problem);
    if (problem)
        return system_failure(problem.value(), "there is no folder for temporary files");
    remove_stale(folder);
    auto name = (folder / name_begins).string() + "XXXXXX";
    descriptor file{::mkostemp(name.data(), O_CLOEXEC)};
    if (!file)
        return system_failure(errno, fmt::format("cannot make a file in {}", folder.string()));
    let_signals_remove(name);
    temporary_list made{name, std::move(file)};
    // Another one may have looked between the making and the lock: then the file has no name any more.
    struct stat named {};
    if (::flock(made.lock_.get(), LOCK_EX | LOCK_NB) != 0 || ::stat(name.c_str(), &named) != 0)
        return failure(error_code::system_failure, fmt::format("{} was removed while it was made", name),
                       "try again");
    if (!write_all(made.lock_.get(), content))
        return system_failure(errno, fmt::format("cannot write {}", name));
    return made;
}

temporary_list::temporary_list(files::path path, descriptor lock)
    : path_(std::move(path)), lock_(std::move(lock)) {}

temporary_list::temporary_list(temporary_list&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}

temporary_list::~temporary_list() {
    if (path_.empty())
        return;
    std::error_code ignored; // a folder of temporary files is emptied by others, too
    files::remove(path_, ignored);
    let_signals_be();
}

} // namespace gestvenv::cli
