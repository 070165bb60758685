// SPDX-License-Identifier: MIT
#include "system/launcher/greeting.hpp"

#include "system/posix/system_failure.hpp"
#include "system/version.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <unistd.h>

namespace gestvenv {

std::string attach_path_in(const std::string& root) {
    return root + "/" + attach_folder;
}

outcome<storage_root> open_attach_root(const std::string& path, const std::string& spare) {
    auto root = storage_root::open(path, spare);
    if (root && ::mkdirat(root->folder().get(), attach_folder, 0700) < 0 && errno != EEXIST)
        return system_failure(errno, "cannot create " + attach_path_in(path));
    return root;
}

protocol::greeting greeting_for(const abilities& able) {
    protocol::greeting greeting;
    greeting.program_version = program_version;
    greeting.launcher_pid = ::getpid();
    greeting.best = able.best;
    if (able.cgroups)
        greeting.cgroup_parent = able.cgroups->parent();
    greeting.limits = able.limits;
    greeting.mounts = able.mounts;
    greeting.limitations = able.limitations;
    return greeting;
}

} // namespace gestvenv
