// SPDX-License-Identifier: MIT
#include "tools/gestvenv/doctor/machine_advice.hpp"

#include "system/limits/cgroup_mounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/utsname.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

using group = ability::group;

/// The rest of the limitation that begins so; empty where there is none.
std::string limitation(const runtime_abilities& found, std::string_view beginning) {
    for (const auto& one : found.limitations)
        if (one.starts_with(beginning))
            return one.substr(beginning.size());
    return {};
}

ability row(group kind, const char* name, bool available, std::string detail, shortcoming missing) {
    ability one;
    one.kind = kind;
    one.name = name;
    one.available = available;
    if (available)
        one.detail = std::move(detail);
    else
        one.missing = std::move(missing);
    return one;
}

bool is_before(const machine_facts& facts, int major, int minor) {
    return facts.kernel_major < major || (facts.kernel_major == major && facts.kernel_minor < minor);
}

/// The folder in `cannot create the cgroup FOLDER: ...`; empty where `why` says something else.
std::string refused_group(std::string_view why) {
    constexpr std::string_view before = "cannot create the cgroup ";
    auto begin = why.find(before);
    if (begin == std::string_view::npos || why.find("Permission denied") == std::string_view::npos)
        return {};
    why.remove_prefix(begin + before.size());
    return std::string{why.substr(0, why.find(": "))};
}

/// Decided outside of what we can change: a container, or something that is like one.
bool is_confined(const machine_facts& facts) {
    return facts.in_container || facts.in_kubernetes || facts.has_filter ||
           (facts.user == 0 && !facts.has_sys_admin);
}

// No option of docker's but --privileged gives a container groups that it may write to.
std::string advice_on_container(const machine_facts& facts) {
    if (facts.in_kubernetes)
        return "limit the container as a whole, in the pod's description: resources: {limits: {memory: 2Gi, "
               "cpu: 2}}";
    return "limit the container as a whole: docker run --memory 2g --cpus 2 --pids-limit 1000; or give it "
           "groups "
           "of its own: docker run --privileged --cgroupns private";
}

/// Documentation/admin-guide/cgroup-v2.rst, "Delegation".
std::string advice_on_delegation(const machine_facts& facts, const std::string& refused) {
    if (facts.has_systemd)
        return "start it in a scope of your own: systemd-run --user --scope -p Delegate=yes gestvenv ...";
    auto folder = fmt::format("{}/user-{}", refused.substr(0, refused.rfind('/')), facts.user);
    return fmt::format(
        "have a group delegated, as root: mkdir {0} && chown {1} {0} {0}/cgroup.procs "
        "{0}/cgroup.subtree_control && echo PID >{0}/cgroup.procs, PID being that of your shell",
        folder, facts.user);
}

std::string advice_on_cgroups(const machine_facts& facts, const std::string& why) {
    if (auto refused = refused_group(why); !refused.empty() && facts.user != 0)
        return advice_on_delegation(facts, refused);
    if (is_confined(facts))
        return advice_on_container(facts);
    if (why.find("Read-only file system") != std::string::npos && facts.user == 0)
        return "as root: mount -o remount,rw /sys/fs/cgroup";
    if (!facts.has_cgroup_v2)
        return facts.has_systemd
                   ? "add systemd.unified_cgroup_hierarchy=1 to the kernel's command line and start it anew"
                   : "as root: mount -t cgroup2 none /sys/fs/cgroup";
    if (is_before(facts, 5, 14))
        return "a kernel of 5.14 or newer: apt-get install linux-image-amd64";
    return {};
}

bool is_among(std::string_view word, const std::vector<std::string>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Where `why` names the group that passes a controller on to no other, and that one and those above it could. systemd would
/// take it back. Empty: that is not it.
std::string advice_on_passing_on(const machine_facts& facts, std::string_view controller,
                                 std::string_view why) {
    constexpr std::string_view before = "the group ";
    if (facts.has_systemd || !why.starts_with(before))
        return {};
    why.remove_prefix(before.size());
    const auto keeper = why.substr(0, why.find(" passes no controller "));
    std::vector<std::string> files;
    for (const auto& one : facts.groups) {
        if (!is_among(controller, one.passed_on)) {
            if (!one.can_pass_more_on || (files.empty() && !is_among(controller, one.offered)))
                return {};
            files.push_back(one.folder + "/cgroup.subtree_control");
        }
        if (one.folder == keeper)
            return files.empty()
                       ? std::string{}
                       : fmt::format("as root: echo +{} | tee {}", controller, fmt::join(files, " "));
    }
    return {};
}

/// `why` is about version 1 where the kernel has the controller there.
std::string advice_on_controller(const machine_facts& facts, std::string_view controller,
                                 const std::string& why) {
    if (why.find("Delegate=yes") != std::string::npos)
        return "in the unit's file, as root: add Delegate=yes to [Service], then systemctl daemon-reload and "
               "start it "
               "anew; a scope: systemd-run --scope -p Delegate=yes gestvenv ...";
    if (auto lines = advice_on_passing_on(facts, controller, why); !lines.empty())
        return lines;
    if (auto refused = refused_group(why); !refused.empty() && facts.user != 0)
        return fmt::format("as root: mkdir {0} && chown {1} {0}", refused, facts.user);
    if (!facts.has_cgroup_v2 || is_confined(facts))
        return advice_on_cgroups(facts, why);
    if (facts.user == 0)
        return controller == "memory"
                   ? "add cgroup_enable=memory to the kernel's command line and start it anew"
                   : std::string{};
    if (!facts.has_systemd)
        return fmt::format("as root, in every group above your own: echo +{} >cgroup.subtree_control",
                           controller);
    return "have it delegated, as root: mkdir -p /etc/systemd/system/user@.service.d && printf "
           "'[Service]\\nDelegate=cpu memory pids\\n' >/etc/systemd/system/user@.service.d/delegate.conf && "
           "systemctl daemon-reload; log in anew, then: systemd-run --user --scope -p Delegate=yes gestvenv "
           "...";
}

ability privileges(const runtime_abilities& found, const machine_facts& facts) {
    if (facts.user == 0)
        return row(group::processes, "privileges", true, "root", {});
    auto why = limitation(found, "no pid namespace: ");
    // Namespaces of an ordinary user's come by a user namespace alone.
    return row(group::processes, "privileges", found.best == containment::pid_namespace, "user namespace",
               {why.empty() ? "no user namespace was tried" : why, advice_on_namespaces(facts)});
}

ability containment_row(const runtime_abilities& found, const machine_facts& facts) {
    auto why = limitation(found, "no pid namespace: ");
    if (why.empty())
        why = "it was not tried";
    // The one hole there is (docs/security.md).
    const char* hole =
        found.best == containment::subreaper
            ? ", as well as it goes: killed all at once with the program, they live on (--strict "
              "refuses that)"
            : "";
    return row(
        group::processes, "pid namespace", found.best == containment::pid_namespace,
        "all processes of an environment end with it",
        {fmt::format("{}; processes are held together by {} instead{}", why, to_string(found.best), hole),
         advice_on_namespaces(facts)});
}

/// A limit that a controller enforces.
ability limit(const char* name, std::string_view controller, bool available, const std::string& by,
              const runtime_abilities& found, const machine_facts& facts) {
    auto why = limitation(found, fmt::format("no limit {}: ", name));
    auto remedy = advice_on_controller(facts, controller, why);
    return row(group::limits, name, available, by, {std::move(why), std::move(remedy)});
}

std::optional<std::int64_t> number_in(const char* file) {
    std::ifstream stream{file};
    std::int64_t value = 0;
    if (stream >> value)
        return value;
    return std::nullopt;
}

bool exists(const char* path) {
    return ::access(path, F_OK) == 0;
}

/// The value of a line `key: value` in /proc/self/status, in that base.
std::uint64_t own_status(std::string_view key, int base) {
    std::ifstream table{"/proc/self/status"};
    for (std::string line; std::getline(table, line);)
        if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == ':')
            return std::strtoull(line.c_str() + key.size() + 1, nullptr, base);
    return 0;
}

/// The machine's own maps every number to itself (user_namespaces(7)).
bool is_in_user_namespace() {
    std::ifstream map{"/proc/self/uid_map"};
    std::uint64_t inside = 0;
    std::uint64_t outside = 0;
    std::uint64_t count = 0;
    return (map >> inside >> outside >> count) && (inside != 0 || outside != 0 || count != 4294967295U);
}

std::vector<std::string> words_in(const std::string& file) {
    std::ifstream stream{file};
    return {std::istream_iterator<std::string>{stream}, {}};
}

/// Every group but the root of all has a cgroup.type (Documentation/admin-guide/cgroup-v2.rst).
group_facts facts_of_group(const std::string& folder) {
    group_facts facts;
    facts.folder = folder;
    facts.offered = words_in(folder + "/cgroup.controllers");
    facts.passed_on = words_in(folder + "/cgroup.subtree_control");
    const bool takes_it =
        !exists((folder + "/cgroup.type").c_str()) || words_in(folder + "/cgroup.procs").empty();
    facts.can_pass_more_on = takes_it && ::access((folder + "/cgroup.subtree_control").c_str(), W_OK) == 0;
    return facts;
}

std::vector<group_facts> groups_to_own() {
    const auto tables = cgroup_tables::read();
    const auto mounted = tables.find_mount("cgroup2", {});
    if (mounted.point.empty())
        return {};
    const auto own = tables.own_folder(mounted, {});
    std::vector<group_facts> groups{facts_of_group(mounted.point)};
    for (auto end = mounted.point.size(); end < own.size();
         groups.push_back(facts_of_group(own.substr(0, end))))
        end = std::min(own.find('/', end + 1), own.size());
    return groups;
}

} // namespace

machine_facts read_machine_facts() {
    machine_facts facts;
    facts.user = ::geteuid();
    utsname system{};
    if (::uname(&system) == 0)
        // NOLINTNEXTLINE(cert-err34-c): what is not read stays 0
        static_cast<void>(std::sscanf(system.release, "%d.%d", &facts.kernel_major, &facts.kernel_minor));
    facts.has_systemd = exists("/run/systemd/system"); // sd_booted(3)
    facts.groups = groups_to_own();
    facts.has_cgroup_v2 = !facts.groups.empty();
    facts.in_container = exists("/.dockerenv") || exists("/run/.containerenv");
    facts.in_kubernetes = std::getenv("KUBERNETES_SERVICE_HOST") != nullptr;
    facts.in_user_namespace = is_in_user_namespace();
    constexpr int sys_admin = 21; // capabilities(7)
    facts.has_sys_admin = (own_status("CapEff", 16) >> sys_admin & 1) != 0;
    constexpr std::uint64_t filtered = 2; // proc(5)
    facts.has_filter = own_status("Seccomp", 10) == filtered;
    facts.unprivileged_userns_clone = number_in("/proc/sys/kernel/unprivileged_userns_clone");
    facts.max_user_namespaces = number_in("/proc/sys/user/max_user_namespaces");
    facts.apparmor_restrict_unprivileged_userns =
        number_in("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
    return facts;
}

std::string advice_on_namespaces(const machine_facts& facts) {
    auto setting = [](const char* assignment) { return fmt::format("as root: sysctl -w {}", assignment); };
    if (facts.max_user_namespaces == 0)
        return setting("user.max_user_namespaces=10000");
    if (facts.user != 0 && facts.unprivileged_userns_clone == 0)
        return setting("kernel.unprivileged_userns_clone=1");
    if (facts.user != 0 && facts.apparmor_restrict_unprivileged_userns == 1)
        return setting("kernel.apparmor_restrict_unprivileged_userns=0");
    if (facts.in_kubernetes)
        return "let the container have namespaces of its own, in the pod's description: securityContext: "
               "{runAsUser: 0, capabilities: {add: [SYS_ADMIN]}, appArmorProfile: {type: Unconfined}}";
    if (is_confined(facts) && !facts.has_sys_admin) {
        // A filter of docker's and podman's lets through what the capability is for. A user's own namespaces
        // need it gone, and a /proc without anything hidden.
        if (facts.user != 0)
            return "let the container have namespaces of its own: docker run --security-opt "
                   "seccomp=unconfined "
                   "--security-opt apparmor=unconfined --security-opt systempaths=unconfined";
        return facts.in_user_namespace ? "let the container have namespaces of its own: podman run --cap-add "
                                         "SYS_ADMIN --security-opt "
                                         "unmask=ALL"
                                       : "let the container have namespaces of its own: docker run --cap-add "
                                         "SYS_ADMIN --security-opt "
                                         "apparmor=unconfined";
    }
    if (facts.has_sys_admin && facts.has_filter)
        return "take the filter of system calls away: docker run --security-opt seccomp=unconfined; of a "
               "unit of "
               "systemd: RestrictNamespaces=no";
    if (facts.has_sys_admin && facts.in_user_namespace)
        return "show the container the whole of /proc: podman run --security-opt unmask=ALL";
    return facts.user == 0 ? "" : "run it as root";
}

std::vector<ability> explain(const runtime_abilities& found, const machine_facts& facts) {
    std::vector<ability> all;
    all.push_back(privileges(found, facts));
    all.push_back(containment_row(found, facts));
    auto why = limitation(found, "no cgroups: ");
    all.push_back(row(group::processes, "cgroup v2", found.cgroups, "a command is ended with all it started",
                      {why, advice_on_cgroups(facts, why)}));
    all.push_back(row(group::processes, "own mounts", found.storage_mounts,
                      "an environment's files are seen by itself alone",
                      {found.best == containment::pid_namespace ? limitation(found, "no storage mounts: ")
                                                                : "there is no pid namespace to have them in",
                       advice_on_namespaces(facts)}));
    all.push_back(limit("max_memory", "memory", found.limits_memory, found.memory_limited_by, found, facts));
    all.push_back(limit("max_cpu_percent", "cpu", found.limits_cpu, found.cpu_limited_by, found, facts));
    all.push_back(row(group::limits, "max_processes", true, "counted five times a second", {}));
    auto threads = limit("max_threads", "pids", found.limits_threads, found.threads_limited_by, found, facts);
    if (!threads.available && is_before(facts, 6, 14)) // pid_max of a namespace
        threads.missing.remedy +=
            threads.missing.remedy.empty() ? "a kernel of 6.14 or newer" : "; or a kernel of 6.14 or newer";
    all.push_back(std::move(threads));
    return all;
}

} // namespace gestvenv::cli
