// SPDX-License-Identifier: MIT
#include "system/limits/cgroup.hpp"

#include "messages/fault_point.hpp"
#include "system/posix/process_handle.hpp"
#include "system/posix/system_failure.hpp"

#include <sys/stat.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
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
        std::string_view name = entry->d_name;
        if (entry->d_type != DT_DIR || name == "." || name == "..")
            continue;
        descriptor inner{::openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (inner)
            use(inner.get(), static_cast<const char*>(entry->d_name));
    }
}

void add_processes_below(int folder, std::size_t most, std::vector<pid_t>& all);

// The whole of cgroup.procs: one process a line.
void add_processes(int folder, std::size_t most, std::vector<pid_t>& all) {
    descriptor file{::openat(folder, "cgroup.procs", O_RDONLY | O_CLOEXEC)};
    std::array<char, 4096> buffer{};
    pid_t number = 0;
    while (file && all.size() < most) {
        auto got = ::read(file.get(), buffer.data(), buffer.size());
        if (got <= 0)
            break;
        for (char letter : std::string_view{buffer.data(), static_cast<std::size_t>(got)}) {
            if (letter != '\n') {
                number = number * 10 + (letter - '0');
                continue;
            }
            all.push_back(number);
            number = 0;
        }
    }
    add_processes_below(folder, most, all);
}

void add_processes_below(int folder, std::size_t most, std::vector<pid_t>& all) {
    // Folders are counted as links: nothing to look for in a group without groups below it.
    struct stat facts {};
    if (::fstat(folder, &facts) == 0 && facts.st_nlink > 2)
        for_each_subgroup(folder, [&](int inner, const char*) { add_processes(inner, most, all); });
}

// Version 1 has no such file.
outcome<void> kill_in_one(int folder, const std::string& path) {
    descriptor file{::openat(folder, "cgroup.kill", O_WRONLY | O_CLOEXEC)};
    if ((!file || ::write(file.get(), "1", 1) != 1) && errno != ENOENT)
        return system_failure(errno, "cannot kill the cgroup " + path);
    return {};
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

} // namespace

bool is_in_our_group(pid_t pid) {
    descriptor file{::open(("/proc/" + std::to_string(pid) + "/cgroup").c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 8192> buffer{};
    auto got = file ? ::read(file.get(), buffer.data(), buffer.size()) : 0;
    std::string_view text{buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    // The line `0::PATH` is the last one (cgroups(7)).
    auto line = text.rfind("0::");
    return line != std::string_view::npos && text.find("/gestvenv/gestvenv-", line) != std::string_view::npos;
}

std::string cgroup_name(std::string_view environment_id) {
    return "gestvenv-" + std::string{environment_id.substr(0, 8)};
}

outcome<cgroup> cgroup::make(const std::string& name) const {
    auto path = path_ + "/" + name;
    if (::mkdirat(folder_.get(), name.c_str(), 0755) < 0)
        return system_failure(errno, "cannot create the cgroup " + path);
    return open_made(std::move(path));
}

outcome<cgroup> cgroup::open_made(std::string path) {
    auto folder = open_folder(path);
    if (!folder)
        return failure(folder.error());
    return cgroup{std::move(*folder), std::move(path)};
}

// By descriptor in version 2 as well: for `cgroup.kill` the kernel signals the first thread of each process,
// and one that goes on without its first thread does not hear it (seen with Linux 6.18).
outcome<void> cgroup::kill() const {
    if (auto killed = kill_in_one(folder_.get(), path_); !killed)
        return killed;
    fault_point("group: the kernel has killed it");
    return kill_those_still_listed(processes(), [this] { return processes(); });
}

outcome<void> cgroup::kill_below() const {
    outcome<void> killed;
    for_each_subgroup(folder_.get(), [&](int inner, const char* name) {
        if (auto one = kill_in_one(inner, path_ + "/" + name); !one)
            killed = std::move(one);
    });
    fault_point("group: the kernel has killed it");
    auto signalled = kill_those_still_listed(processes_below(), [this] { return processes_below(); });
    return killed ? signalled : killed;
}

void cgroup::signal(int number, pid_t except) const {
    auto found = processes();
    std::erase(found, except);
    // Those that cannot be reached are killed in the end.
    (void)signal_those_still_listed(number, found, [this] { return processes(); });
}

outcome<void> kill_those_still_listed(std::span<const pid_t> found,
                                      const std::function<std::vector<pid_t>()>& list) {
    return signal_those_still_listed(SIGKILL, found, list);
}

outcome<void> signal_those_still_listed(int number, std::span<const pid_t> found,
                                        const std::function<std::vector<pid_t>()>& list) {
    constexpr std::size_t at_once = 64; // each takes a descriptor
    for (; !found.empty(); found = found.subspan(std::min(at_once, found.size()))) {
        std::vector<process_handle> held;
        for (auto pid : found.first(std::min(at_once, found.size()))) {
            if (pid <= 0) // of a pid namespace that cannot be seen from here
                continue;
            if (auto process = open_process(pid))
                held.push_back(std::move(*process));
            else if (::kill(pid, 0) == 0)
                return failure(process.error());
        }
        auto listed = list();
        std::sort(listed.begin(), listed.end());
        for (const auto& process : held)
            if (std::binary_search(listed.begin(), listed.end(), process.pid()))
                if (auto sent = send_signal(process, number); !sent)
                    return failure(sent.error());
    }
    return {};
}

bool cgroup::populated() const {
    auto events = read("cgroup.events");
    return events.empty() ? count(1) > 0 : events.find("populated 1") != std::string::npos;
}

outcome<descriptor> cgroup::watch() const {
    descriptor file{::openat(folder_.get(), "cgroup.events", O_RDONLY | O_CLOEXEC)};
    if (!file)
        return system_failure(errno, "cannot watch the cgroup " + path_);
    return file;
}

std::vector<pid_t> cgroup::processes(std::size_t most) const {
    std::vector<pid_t> all;
    add_processes(folder_.get(), most, all);
    return all;
}

std::vector<pid_t> cgroup::processes_below(std::size_t most) const {
    std::vector<pid_t> all;
    add_processes_below(folder_.get(), most, all);
    return all;
}

std::int64_t cgroup::count(std::int64_t most) const {
    return static_cast<std::int64_t>(processes(static_cast<std::size_t>(most)).size());
}

outcome<void> cgroup::join() const {
    return write("cgroup.procs", "0");
}

std::string cgroup::read(const char* name) const {
    descriptor file{::openat(folder_.get(), name, O_RDONLY | O_CLOEXEC)};
    std::array<char, 4096> buffer{};
    auto got = file ? ::read(file.get(), buffer.data(), buffer.size()) : 0;
    return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

outcome<void> cgroup::write(const char* name, std::string_view value) const {
    descriptor file{::openat(folder_.get(), name, O_WRONLY | O_CLOEXEC)};
    if (!file || ::write(file.get(), value.data(), value.size()) < 0)
        return system_failure(errno, std::string{"cannot write "} + name + " of the cgroup " + path_);
    return {};
}

std::int64_t cgroup::read_entry(const char* name, std::string_view key) const {
    auto text = read(name);
    std::string_view rest = text;
    while (!rest.empty()) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ' ')
            continue;
        std::int64_t value = 0;
        std::from_chars(line.data() + key.size() + 1, line.data() + line.size(), value);
        return value;
    }
    return 0;
}

outcome<std::int64_t> cgroup::remove() const {
    // Most have no groups in them, and the kernel refuses to remove one that has.
    std::int64_t removed = 0;
    for (bool looked_inside : {false, true}) {
        if (looked_inside)
            removed = remove_subgroups(folder_.get());
        if (::rmdir(path_.c_str()) == 0)
            return removed + 1;
        if (errno == ENOENT)
            return removed;
    }
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

} // namespace gestvenv
