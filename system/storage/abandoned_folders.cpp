#include "system/storage/abandoned_folders.hpp"

#include "system/storage/owner_marker.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv {

std::vector<abandoned_folder> abandoned_folders(const std::string& root, std::size_t most) {
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    std::vector<abandoned_folder> found;
    descriptor parent{::open(root.c_str(), flags)};
    descriptor listed{parent ? ::openat(parent.get(), ".", flags) : -1};
    std::unique_ptr<DIR, int (*)(DIR*)> entries{listed ? ::fdopendir(listed.get()) : nullptr, ::closedir};
    if (entries)
        static_cast<void>(listed.release()); // the stream closes it
    while (auto* entry = entries && found.size() < most
                             ? ::readdir(entries.get()) // NOLINT(concurrency-mt-unsafe)
                             : nullptr) {
        std::string name = entry->d_name;
        if (name == "." || name == "..")
            continue;
        auto marker = read_owner_marker(parent, name);
        if (!marker || marker->empty())
            continue;
        descriptor folder{::openat(parent.get(), name.c_str(), flags)};
        struct stat status {};
        if (!folder || ::fstat(folder.get(), &status) != 0 || status.st_uid != ::geteuid())
            continue;
        if (::flock(folder.get(), LOCK_EX | LOCK_NB) == 0)
            found.push_back({root + "/" + name, std::move(*marker), std::move(folder)});
    }
    return found;
}

} // namespace gestvenv
