// SPDX-License-Identifier: MIT
#include "system/posix/folder_names.hpp"

#include "system/posix/system_failure.hpp"

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <utility>

namespace gestvenv {

outcome<std::vector<std::string>> names_in(const descriptor& folder, const std::string& path) {
    descriptor copy{::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!copy && errno == ENOENT) // removed since it was opened
        return std::vector<std::string>{};
    std::unique_ptr<DIR, int (*)(DIR*)> entries{copy ? ::fdopendir(copy.get()) : nullptr, ::closedir};
    if (!entries)
        return system_failure(errno, "cannot list the folder " + path);
    static_cast<void>(copy.release()); // the stream closes it
    std::vector<std::string> names;
    for (;;) {
        errno = 0;                              // readdir(3): the only way to tell the end from an error
        auto* entry = ::readdir(entries.get()); // NOLINT(concurrency-mt-unsafe): a stream of our own
        if (entry == nullptr && errno != 0)
            return system_failure(errno, "cannot list the folder " + path);
        if (entry == nullptr)
            return names;
        std::string name = entry->d_name;
        if (name != "." && name != "..")
            names.push_back(std::move(name));
    }
}

} // namespace gestvenv
