// SPDX-License-Identifier: MIT
#include "system/storage/remove_tree.hpp"

#include "messages/fault_point.hpp"
#include "system/storage/open_folder.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace gestvenv {

namespace {

// Deeper folders are moved up to the top and walked from there, so that depth costs no descriptors and no
// stack.
constexpr int deepest_walk = 32;
constexpr std::size_t most_residue = 16;
constexpr int most_names = 1000;

// What keeps a folder or file of ours from being opened or removed, as residue names it.
residue left_over(std::string kind, std::string name, int problem) {
    if (problem == EXDEV)
        return {"mount", std::move(name), "something is mounted there"};
    if (problem == EBUSY)
        return {"mount", std::move(name), "something is mounted there, or the system uses it"};
    return {std::move(kind), std::move(name), std::strerror(problem)}; // NOLINT(concurrency-mt-unsafe)
}

// renameat2(2): the file system does not know the flag, the kernel or a filter the call.
bool lacks_flags(int problem) {
    return problem == EINVAL || problem == ENOSYS || problem == EPERM;
}

class walk {
public:
    explicit walk(const descriptor& top) : top_(top) {}

    tree_removal run() {
        // Each pass empties what it can; another follows only while folders are being moved up, or while what
        // was in the way of something (a full disk, a name that was taken) may have gone with the rest.
        std::int64_t before = 0;
        int passes_for_rest = 3;
        do {
            before = report_.files;
            moved_up_ = false;
            report_.residue.clear();
            empty(top_.get(), "", 0);
        } while (moved_up_ || (!report_.residue.empty() && report_.files > before && passes_for_rest-- > 0));
        return std::move(report_);
    }

private:
    // Lifts what keeps a file from being removed. One that has other names, perhaps outside, gets it back.
    static bool remove_protected(int parent, const char* name) {
        descriptor file{::openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
        struct stat status {};
        int flags = 0;
        if (!file || ::fstat(file.get(), &status) != 0 || ::ioctl(file.get(), FS_IOC_GETFLAGS, &flags) != 0)
            return false;
        int lifted = flags & ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
        ::ioctl(file.get(), FS_IOC_SETFLAGS, &lifted);
        bool removed = ::unlinkat(parent, name, 0) == 0;
        if (!removed || status.st_nlink > 1)
            ::ioctl(file.get(), FS_IOC_SETFLAGS, &flags);
        return removed;
    }

    void leave(const std::string& path, int error_number) {
        if (report_.residue.size() < most_residue)
            report_.residue.push_back(left_over("file", path, error_number));
    }

    void remove_file(int parent, const char* name, const std::string& path) {
        struct stat status {};
        bool known = ::fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
        if (::unlinkat(parent, name, 0) < 0) {
            if (errno == ENOENT)
                return;
            // Other kinds cannot be protected so, and opening a device may do something.
            if (int problem = errno;
                problem != EPERM || !known || !S_ISREG(status.st_mode) || !remove_protected(parent, name))
                return leave(path, problem);
        }
        ++report_.files;
        if (known && status.st_nlink == 1)
            report_.bytes += status.st_blocks * 512;
    }

    bool move_up(int parent, const char* name) {
        if (rename_to_top(parent, name))
            return true;
        // A folder that gets another parent is itself written to: to its entry `..`.
        if ((errno != EACCES && errno != EPERM) || !open_for_removal(parent, name))
            return false;
        return rename_to_top(parent, name);
    }

    bool rename_to_top(int parent, const char* name) {
        // The tree's maker may have taken some of these names.
        for (int attempt = 0; attempt < most_names; ++attempt) {
            auto place = ".gestvenv-deep-" + std::to_string(next_place_++);
            if (::renameat2(parent, name, top_.get(), place.c_str(), RENAME_NOREPLACE) == 0 ||
                (lacks_flags(errno) && ::renameat(parent, name, top_.get(), place.c_str()) == 0)) {
                moved_up_ = true;
                return true;
            }
            if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
                break;
        }
        return false;
    }

    void remove_folder(int parent, const char* name, const std::string& path, int depth) {
        if (depth >= deepest_walk) {
            if (!move_up(parent, name))
                leave(path, errno);
            return;
        }
        fault_point("removal: has found a folder");
        auto folder = open_for_removal(parent, name);
        if (!folder) {
            if (errno != ENOENT)
                leave(path, errno);
            return;
        }
        empty(folder.get(), path, depth);
        if (::unlinkat(parent, name, AT_REMOVEDIR) == 0)
            ++report_.files;
        else if (errno != ENOENT && !(errno == ENOTEMPTY && !report_.residue.empty()))
            leave(path, errno);
    }

    void empty(int folder, const std::string& path, int depth) {
        // fdopendir(3) takes the descriptor; a copy keeps ours for unlinkat.
        descriptor copy{::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        std::unique_ptr<DIR, int (*)(DIR*)> entries{copy ? ::fdopendir(copy.get()) : nullptr, ::closedir};
        if (!entries) {
            leave(path, errno);
            return;
        }
        copy.release();
        while (auto* entry = ::readdir(entries.get())) { // NOLINT(concurrency-mt-unsafe): a stream of our own
            const char* name = entry->d_name;
            if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0)
                continue;
            auto inner = path.empty() ? std::string{name} : path + "/" + name;
            if (is_folder(folder, *entry))
                remove_folder(folder, name, inner, depth + 1);
            else
                remove_file(folder, name, inner);
        }
    }

    static bool is_folder(int parent, const dirent& entry) {
        if (entry.d_type != DT_UNKNOWN)
            return entry.d_type == DT_DIR;
        struct stat status {};
        return ::fstatat(parent, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
    }

    const descriptor& top_;
    tree_removal report_;
    bool moved_up_ = false;
    std::uint64_t next_place_ = 0;
};

} // namespace

tree_removal remove_tree(const descriptor& parent, const std::string& name) {
    tree_removal report;
    auto top = open_for_removal(parent.get(), name.c_str());
    if (!top) {
        if (errno != ENOENT)
            report.residue.push_back(left_over("folder", "", errno));
        return report;
    }
    report = walk{top}.run();
    if (::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) == 0)
        ++report.files;
    else if (errno != ENOENT)
        report.residue.push_back(left_over("folder", "", errno));
    return report;
}

} // namespace gestvenv
