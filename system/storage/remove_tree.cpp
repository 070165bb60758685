#include "system/storage/remove_tree.hpp"

#include "messages/fault_point.hpp"

#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

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

// Beneath `parent`, through no link and into no mount.
descriptor open_beneath(int parent, const char* name, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
    return descriptor{static_cast<int>(::syscall(SYS_openat2, parent, name, &how, sizeof how))};
}

// For a folder that may not be read. Through a descriptor: by its name it could be a link by now, which
// fchmodat(2) follows.
bool make_accessible(int parent, const char* name) {
    fault_point("removal: may not open a folder");
    auto place = open_beneath(parent, name, O_PATH);
    auto path = "/proc/self/fd/" + std::to_string(place.get());
    return place && ::chmod(path.c_str(), 0700) == 0;
}

class walk {
public:
    explicit walk(const descriptor& top) : top_(top) {}

    tree_removal run() {
        // Each pass empties what it can; another follows only while folders are being moved up.
        do {
            moved_up_ = false;
            report_.residue.clear();
            empty(top_.get(), "", 0);
        } while (moved_up_);
        return std::move(report_);
    }

private:
    // Read, write and search for ourselves, and no immutable flag: without them the folder cannot be emptied.
    static descriptor open_for_removal(int parent, const char* name) {
        fault_point("removal: has found a folder");
        auto folder = open_beneath(parent, name, O_RDONLY);
        if (!folder && errno == EACCES && make_accessible(parent, name))
            folder = open_beneath(parent, name, O_RDONLY);
        if (folder)
            lift(folder.get());
        return folder;
    }

    static void lift(int folder) {
        ::fchmod(folder, 0700);
        int flags = 0;
        if (::ioctl(folder, FS_IOC_GETFLAGS, &flags) == 0 &&
            (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) != 0) {
            flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
            ::ioctl(folder, FS_IOC_SETFLAGS, &flags);
        }
    }

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
            report_.residue.push_back(
                {"file", path, std::strerror(error_number)}); // NOLINT(concurrency-mt-unsafe)
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

    void remove_folder(int parent, const char* name, const std::string& path, int depth) {
        if (depth >= deepest_walk) {
            auto place = ".gestvenv-deep-" + std::to_string(next_place_++);
            if (::renameat(parent, name, top_.get(), place.c_str()) == 0) {
                moved_up_ = true;
                return;
            }
            leave(path, errno);
            return;
        }
        auto folder = open_for_removal(parent, name);
        if (!folder) {
            if (errno != ENOENT)
                leave(path, errno == EXDEV ? EBUSY : errno);
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
    descriptor top{::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!top && errno == EACCES && make_accessible(parent.get(), name.c_str()))
        top =
            descriptor{::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!top) {
        if (errno != ENOENT)
            report.residue.push_back({"folder", name, std::strerror(errno)}); // NOLINT(concurrency-mt-unsafe)
        return report;
    }
    ::fchmod(top.get(), 0700);
    report = walk{top}.run();
    if (::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) == 0)
        ++report.files;
    else if (errno != ENOENT)
        report.residue.push_back({"folder", name, std::strerror(errno)}); // NOLINT(concurrency-mt-unsafe)
    return report;
}

} // namespace gestvenv
