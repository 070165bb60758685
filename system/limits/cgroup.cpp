#include "system/limits/cgroup.hpp"

#include "system/process/system_failure.hpp"

#include <sys/stat.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <sstream>
#include <unistd.h>

namespace gestvenv {

namespace {

outcome<descriptor> open_folder(const std::string& path) {
    descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!folder)
        return system_failure(errno, "cannot open the cgroup " + path);
    return folder;
}

template <class Use>
void for_each_subgroup(int folder, Use use) {
    descriptor copy{::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    std::unique_ptr<DIR, int (*)(DIR*)> entries{copy ? ::fdopendir(copy.get()) : nullptr, ::closedir};
    if (!entries)
        return;
    copy.release();
    while (auto* entry = ::readdir(entries.get())) { // NOLINT(concurrency-mt-unsafe): a stream of our own
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        descriptor inner{::openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (inner)
            use(inner.get(), static_cast<const char*>(entry->d_name));
    }
}

// Lines of a file of the group: one process each in cgroup.procs.
std::int64_t count_lines(int folder, const char* name) {
    descriptor file{::openat(folder, name, O_RDONLY | O_CLOEXEC)};
    std::array<char, 4096> buffer{};
    std::int64_t lines = 0;
    for (;;) {
        auto got = file ? ::read(file.get(), buffer.data(), buffer.size()) : 0;
        if (got <= 0)
            return lines;
        lines += std::count(buffer.data(), buffer.data() + got, '\n');
    }
}

std::int64_t count_processes(int folder, std::int64_t most) {
    auto total = count_lines(folder, "cgroup.procs");
    for_each_subgroup(folder, [&](int inner, const char*) {
        if (total < most)
            total += count_processes(inner, most - total);
    });
    return total;
}

std::int64_t remove_subgroups(int folder) {
    std::int64_t removed = 0;
    for_each_subgroup(folder, [&](int inner, const char* name) {
        removed += remove_subgroups(inner);
        if (::unlinkat(folder, name, AT_REMOVEDIR) == 0)
            ++removed;
    });
    return removed;
}

// Mount point of the version 2 tree: the first cgroup2 entry of mountinfo (proc(5)).
std::string find_mount() {
    std::ifstream table{"/proc/self/mountinfo"};
    for (std::string line; std::getline(table, line);) {
        auto separator = line.find(" - ");
        if (separator == std::string::npos || line.compare(separator + 3, 8, "cgroup2 ") != 0)
            continue;
        std::istringstream fields{line};
        std::string skipped;
        std::string mount_point;
        fields >> skipped >> skipped >> skipped >> skipped >> mount_point;
        return mount_point;
    }
    return {};
}

std::string own_group() {
    std::ifstream table{"/proc/self/cgroup"};
    for (std::string line; std::getline(table, line);)
        if (line.starts_with("0::"))
            return line.substr(3);
    return {};
}

} // namespace

std::string cgroup_name(std::string_view environment_id) {
    return "gestvenv-" + std::string{environment_id.substr(0, 8)};
}

outcome<cgroup> cgroup::make(const std::string& name) const {
    auto path = path_ + "/" + name;
    if (::mkdirat(folder_.get(), name.c_str(), 0755) < 0)
        return system_failure(errno, "cannot create the cgroup " + path);
    auto folder = open_folder(path);
    if (!folder)
        return failure(folder.error());
    return cgroup{std::move(*folder), std::move(path)};
}

outcome<void> cgroup::kill() const {
    descriptor file{::openat(folder_.get(), "cgroup.kill", O_WRONLY | O_CLOEXEC)};
    if (!file || ::write(file.get(), "1", 1) != 1)
        return system_failure(errno, "cannot kill the cgroup " + path_);
    return {};
}

bool cgroup::populated() const {
    descriptor file{::openat(folder_.get(), "cgroup.events", O_RDONLY | O_CLOEXEC)};
    std::array<char, 256> buffer{};
    if (!file || ::read(file.get(), buffer.data(), buffer.size() - 1) <= 0)
        return false;
    return std::strstr(buffer.data(), "populated 1") != nullptr;
}

outcome<descriptor> cgroup::watch() const {
    descriptor file{::openat(folder_.get(), "cgroup.events", O_RDONLY | O_CLOEXEC)};
    if (!file)
        return system_failure(errno, "cannot watch the cgroup " + path_);
    return file;
}

std::int64_t cgroup::count(std::int64_t most) const {
    return count_processes(folder_.get(), most);
}

outcome<std::int64_t> cgroup::remove() const {
    auto removed = remove_subgroups(folder_.get());
    if (::rmdir(path_.c_str()) == 0)
        return removed + 1;
    if (errno == ENOENT)
        return removed;
    return system_failure(errno, "cannot remove the cgroup " + path_);
}

outcome<cgroup> cgroup::open_ours(const std::string& path) {
    auto name = path.substr(path.rfind('/') + 1);
    if (!name.starts_with("gestvenv-") || path.find("/gestvenv/gestvenv-") == std::string::npos)
        return failure(error_code::invalid_argument, "the cgroup " + path + " is not one of ours");
    auto folder = open_folder(path);
    if (!folder)
        return failure(folder.error());
    return cgroup{std::move(*folder), path};
}

outcome<cgroup_tree> cgroup_tree::find() {
    auto mount = find_mount();
    if (mount.empty())
        return failure(error_code::isolation_unavailable, "there is no cgroup v2 tree");
    auto group = own_group();
    cgroup_tree tree;
    tree.path_ = mount + (group == "/" ? "" : group);
    // Trying is the only honest test: delegation, read-only mounts and old kernels all show here.
    auto probe = tree.make("gestvenv-probe-" + std::to_string(::getpid()));
    if (!probe)
        return failure(probe.error());
    bool can_kill = ::faccessat(probe->get(), "cgroup.kill", W_OK, 0) == 0;
    auto removed = probe->remove();
    tree.tidy();
    if (!removed)
        return failure(removed.error());
    if (!can_kill)
        return failure(error_code::isolation_unavailable, "this kernel has no cgroup.kill (Linux 5.14)");
    return tree;
}

outcome<cgroup> cgroup_tree::make(const std::string& name) const {
    auto folder_of_all = parent();
    // Bounded: another program of ours may tidy the parent away between the two calls.
    for (int attempt = 0; attempt < 100; ++attempt) {
        if (::mkdir(folder_of_all.c_str(), 0755) < 0 && errno != EEXIST)
            return system_failure(errno, "cannot create the cgroup " + folder_of_all);
        auto path = folder_of_all + "/" + name;
        if (::mkdir(path.c_str(), 0755) == 0) {
            auto folder = open_folder(path);
            if (!folder)
                return failure(folder.error());
            return cgroup{std::move(*folder), std::move(path)};
        }
        if (errno != ENOENT)
            return system_failure(errno, "cannot create the cgroup " + path);
    }
    return failure(error_code::system_failure, "the cgroup " + folder_of_all + " keeps disappearing");
}

void cgroup_tree::tidy() const noexcept {
    ::rmdir(parent().c_str());
}

} // namespace gestvenv
