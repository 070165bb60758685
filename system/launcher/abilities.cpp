#include "system/launcher/abilities.hpp"

#include "system/isolation/user_namespace.hpp"
#include "system/launcher/clone.hpp"
#include "system/storage/detached_mount.hpp"

#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace gestvenv {

namespace {

// Runs `attempt` in a cloned child: what it changes, and a half-made change, end with the child. An empty
// text is success, anything else the reason.
template <class Attempt>
std::string try_in_child(std::uint64_t flags, Attempt attempt) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), 0) < 0)
        return "cannot create a pipe";
    descriptor reader{ends[0]};
    descriptor writer{ends[1]};
    auto child = clone_process(flags, -1, false);
    if (!child)
        return child.error().message;
    if (child->pid == 0) {
        auto reason = attempt();
        (void)!::write(writer.get(), reason.data(), reason.size());
        ::_exit(reason.empty() ? 0 : 1);
    }
    writer.reset();
    std::string reason;
    std::array<char, 512> buffer{};
    for (ssize_t got = 0; (got = ::read(reader.get(), buffer.data(), buffer.size())) > 0;)
        reason.append(buffer.data(), static_cast<std::size_t>(got));
    int status = 0;
    while (::waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (reason.empty() && status != 0)
        reason = "the attempt ended unexpectedly";
    return reason;
}

std::string try_keeper_namespaces() {
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0)
        return "mounts cannot be made private";
    if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) < 0)
        return "a /proc of its own cannot be mounted";
    return {};
}

std::string try_storage_mount() {
    if (auto reason = try_keeper_namespaces(); !reason.empty())
        return reason;
    auto mount = make_detached_tmpfs(1 << 20, 16);
    if (!mount)
        return mount.error().message;
    auto attached = attach(*mount, "/proc");
    return attached ? std::string{} : attached.error().message;
}

} // namespace

abilities find_abilities(containment limit) {
    abilities result;
    if (limit != containment::subreaper) {
        if (auto tree = cgroup_tree::find())
            result.cgroups = std::move(*tree);
        else
            result.limitations.push_back("no cgroups: " + tree.error().message);
    }
    if (limit != containment::pid_namespace) {
        result.best = result.cgroups ? containment::cgroup : containment::subreaper;
        result.limitations.emplace_back("containment was limited by request");
        return result;
    }
    constexpr std::uint64_t keeper_flags = CLONE_NEWPID | CLONE_NEWNS;
    auto reason = try_in_child(keeper_flags, try_keeper_namespaces);
    if (!reason.empty()) {
        auto user_reason = try_in_child(0, [] {
            auto entered = enter_user_namespace();
            return entered ? std::string{} : entered.error().message;
        });
        if (user_reason.empty() && enter_user_namespace())
            reason = try_in_child(keeper_flags, try_keeper_namespaces);
        else
            reason = user_reason;
    }
    if (!reason.empty()) {
        result.best = result.cgroups ? containment::cgroup : containment::subreaper;
        result.limitations.push_back("no pid namespace: " + reason);
        return result;
    }
    result.best = containment::pid_namespace;
    auto mount_reason = try_in_child(keeper_flags, try_storage_mount);
    result.mounts = mount_reason.empty();
    if (!result.mounts)
        result.limitations.push_back("no storage mounts: " + mount_reason);
    return result;
}

} // namespace gestvenv
