// SPDX-License-Identifier: MIT
#include "system/isolation/user_namespace.hpp"

#include "system/posix/descriptor.hpp"
#include "system/posix/system_failure.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gestvenv {

namespace {

outcome<void> write_map(const char* path, const std::string& text) {
    descriptor file{::open(path, O_WRONLY | O_CLOEXEC)};
    if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return system_failure(errno, std::string{"cannot write "} + path);
    return {};
}

} // namespace

outcome<void> enter_user_namespace() {
    auto user = std::to_string(::geteuid());
    auto group = std::to_string(::getegid());
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        return system_failure(errno,
                              "cannot create a user namespace (they may be switched off on this system)");
    // A change of credentials makes /proc/self unwritable for its owner until it is dumpable again
    // (prctl(2)).
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (auto done = write_map("/proc/self/setgroups", "deny"); !done)
        return done;
    if (auto done = write_map("/proc/self/uid_map", user + " " + user + " 1\n"); !done)
        return done;
    return write_map("/proc/self/gid_map", group + " " + group + " 1\n");
}

} // namespace gestvenv
