// SPDX-License-Identifier: MIT
#include "system/isolation/unwritable_folders.hpp"

#include "system/posix/descriptor.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr int deepest = 6;
constexpr int most_folders = 4000;

// Capabilities of a user namespace reach the files of its own ids alone, and a program has none: the mode
// decides.
bool is_ours(const struct stat& status) {
    return status.st_uid == ::geteuid();
}

bool is_writable(const std::string& path, const struct stat& status) {
    if (is_ours(status))
        return (status.st_mode & S_IWUSR) != 0;
    return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

class taking_over {
public:
    // 0 or an errno value; `upper` shows `folder`.
    int take(const std::string& folder, const std::string& upper, int depth) {
        std::unique_ptr<DIR, int (*)(DIR*)> entries{::opendir(folder.c_str()), ::closedir};
        while (auto* entry = entries ? ::readdir(entries.get()) : nullptr) { // NOLINT(concurrency-mt-unsafe)
            std::string name{entry->d_name};
            // Neither what is hidden nor what tools keep beside the sources is built in.
            if (entry->d_type != DT_DIR || name.front() == '.' || name == "node_modules")
                continue;
            auto path = folder + "/" + name;
            if (int problem = make(path, upper + "/" + name); problem != 0)
                return problem;
            if (depth < deepest && count_ < most_folders)
                if (int problem = take(path, upper + "/" + name, depth + 1); problem != 0)
                    return problem;
        }
        return 0;
    }

    int make(const std::string& path, const std::string& upper) {
        struct stat status {};
        if (::lstat(path.c_str(), &status) < 0 || ++count_ > most_folders)
            return 0;
        if (::mkdir(upper.c_str(), 0700) < 0)
            return errno;
        // Its own mode, but ours to write in.
        return ::chmod(upper.c_str(), (status.st_mode & 0777) | 0700) < 0 ? errno : 0;
    }

private:
    int count_ = 0;
};

} // namespace

int take_over_unwritable(const std::string& root, const std::string& built, const std::string& upper) {
    struct stat status {};
    if (::stat(built.c_str(), &status) < 0)
        return errno;
    if (is_writable(built, status))
        return 0;
    taking_over work;
    auto below = built == root ? std::string{} : built.substr(root.size());
    for (std::size_t end = 0; end < below.size();) {
        end = below.find('/', end + 1);
        end = end == std::string::npos ? below.size() : end;
        if (int problem = work.make(root + below.substr(0, end), upper + below.substr(0, end)); problem != 0)
            return problem;
    }
    return work.take(built, upper + below, 0);
}

} // namespace gestvenv
