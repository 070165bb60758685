#include "system/storage/open_folder.hpp"

#include "messages/fault_point.hpp"

#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace gestvenv {

namespace {

bool make_accessible(int parent, const char* name) {
    fault_point("removal: may not open a folder");
    auto place = open_beneath(parent, name, O_PATH);
    return place && change_mode(place.get(), 0700);
}

} // namespace

descriptor open_beneath(int parent, const char* name, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
    return descriptor{static_cast<int>(::syscall(SYS_openat2, parent, name, &how, sizeof how))};
}

bool change_mode(int file, mode_t mode) {
    return ::chmod(("/proc/self/fd/" + std::to_string(file)).c_str(), mode) == 0;
}

descriptor open_for_removal(int parent, const char* name) {
    auto folder = open_beneath(parent, name, O_RDONLY);
    if (!folder && errno == EACCES) {
        if (!make_accessible(parent, name)) {
            errno = EACCES;
            return folder;
        }
        folder = open_beneath(parent, name, O_RDONLY);
    }
    if (!folder)
        return folder;
    // The flags first: what is immutable keeps its mode too.
    int flags = 0;
    if (::ioctl(folder.get(), FS_IOC_GETFLAGS, &flags) == 0 &&
        (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) != 0) {
        flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
        ::ioctl(folder.get(), FS_IOC_SETFLAGS, &flags);
    }
    ::fchmod(folder.get(), 0700);
    return folder;
}

} // namespace gestvenv
