// SPDX-License-Identifier: MIT
// Which command supplies what a machine does not have.
#include "tools/gestvenv/doctor/machine_advice.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace gestvenv;
using namespace gestvenv::cli;

namespace {

/// A machine with everything.
runtime_abilities everything() {
    runtime_abilities all;
    all.best = containment::pid_namespace;
    all.cgroups = all.storage_mounts = all.limits_memory = all.limits_cpu = all.limits_threads = true;
    all.memory_limited_by = all.cpu_limited_by = all.threads_limited_by = "cgroup v2";
    return all;
}

machine_facts debian(std::uint32_t user) {
    machine_facts facts;
    facts.user = user;
    facts.has_sys_admin = user == 0;
    facts.kernel_major = 6;
    facts.kernel_minor = 1;
    facts.has_systemd = facts.has_cgroup_v2 = true;
    facts.max_user_namespaces = 1000;
    return facts;
}

ability named(const std::vector<ability>& all, const char* name) {
    auto place = std::find_if(all.begin(), all.end(), [&](const ability& one) { return one.name == name; });
    REQUIRE(place != all.end());
    return *place;
}

bool mentions(const ability& one, const char* words) {
    return one.missing.remedy.find(words) != std::string::npos;
}

} // namespace

TEST_CASE("a machine with everything has no shortcoming") {
    for (const auto& one : explain(everything(), debian(0))) {
        CAPTURE(one.name);
        CHECK(one.available);
        CHECK(!one.detail.empty());
        CHECK(one.missing == shortcoming{});
    }
    CHECK(named(explain(everything(), debian(0)), "privileges").detail == "root");
    CHECK(named(explain(everything(), debian(1000)), "privileges").detail == "user namespace");
    CHECK(named(explain(everything(), debian(0)), "max_memory").detail == "cgroup v2");
}

TEST_CASE("a user without namespaces is told the setting that forbids them") {
    auto found = everything();
    found.best = containment::subreaper;
    found.storage_mounts = false;
    found.limitations = {"no pid namespace: cannot create a user namespace"};
    auto facts = debian(1000);
    auto advice = [&] { return named(explain(found, facts), "privileges").missing.remedy; };
    CHECK(advice() == "run it as root");
    facts.in_container = true;
    CHECK(advice().find("docker run --security-opt seccomp=unconfined") != std::string::npos);
    CHECK(advice().find("systempaths=unconfined") != std::string::npos);
    facts.apparmor_restrict_unprivileged_userns = 1;
    CHECK(advice() == "as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
    facts.unprivileged_userns_clone = 0;
    CHECK(advice() == "as root: sysctl -w kernel.unprivileged_userns_clone=1");
    facts.max_user_namespaces = 0;
    CHECK(advice() == "as root: sysctl -w user.max_user_namespaces=10000");
    auto held = named(explain(found, facts), "pid namespace");
    CHECK(held.missing.why == "cannot create a user namespace; processes are held together by subreaper "
                              "instead, as well as it goes: "
                              "killed all at once with the program, they live on (--strict refuses that)");
    CHECK(named(explain(found, facts), "own mounts").missing.why ==
          "there is no pid namespace to have them in");
}

TEST_CASE("root without namespaces is told what is refused to it, and asked for no right that is there") {
    auto found = everything();
    found.best = containment::subreaper;
    found.storage_mounts = false;
    found.limitations = {"no pid namespace: a /proc of its own cannot be mounted: Operation not permitted"};
    auto facts = debian(0);
    auto advice = [&] { return named(explain(found, facts), "pid namespace").missing.remedy; };
    CHECK(advice().empty()); // it has the right, and no filter is in the way
    facts.has_filter = true;
    CHECK(advice().find("docker run --security-opt seccomp=unconfined") != std::string::npos);
    facts.has_sys_admin = false;
    CHECK(advice().find("docker run --cap-add SYS_ADMIN --security-opt apparmor=unconfined") !=
          std::string::npos);
    CHECK(advice().find("--privileged") == std::string::npos);
    facts.in_user_namespace = true;
    CHECK(advice().find("podman run --cap-add SYS_ADMIN --security-opt unmask=ALL") != std::string::npos);
    facts.in_kubernetes = true;
    CHECK(advice().find("capabilities: {add: [SYS_ADMIN]}") != std::string::npos);
    facts = debian(0);
    facts.in_user_namespace = true;
    CHECK(advice().find("podman run --security-opt unmask=ALL") != std::string::npos);
}

TEST_CASE("a user whose cgroups are not delegated is told how they are") {
    auto found = everything();
    found.cgroups = found.limits_cpu = false;
    found.limitations = {"no cgroups: cannot create the cgroup /sys/fs/cgroup/x/gestvenv: Permission denied",
                         "no limit max_cpu_percent: the group /cg passes no controller cpu on, and there "
                         "is no cgroup v1 hierarchy with the controller cpu"};
    auto facts = debian(1000);
    CHECK(mentions(named(explain(found, facts), "cgroup v2"),
                   "systemd-run --user --scope -p Delegate=yes gestvenv"));
    CHECK(mentions(named(explain(found, facts), "max_cpu_percent"), "Delegate=cpu memory pids\\n"));
    facts.has_systemd = false;
    CHECK(mentions(named(explain(found, facts), "cgroup v2"),
                   "mkdir /sys/fs/cgroup/x/user-1000 && chown 1000 /sys/fs/cgroup/x/user-1000 "));
    CHECK(mentions(named(explain(found, facts), "max_cpu_percent"), "echo +cpu >cgroup.subtree_control"));
}

TEST_CASE("a user's limits of version 1 need one folder") {
    auto found = everything();
    found.limits_memory = false;
    found.limitations = {
        "no limit max_memory: cannot create the cgroup /sys/fs/cgroup/memory/gestvenv: Permission denied"};
    auto row = named(explain(found, debian(1000)), "max_memory");
    CHECK(row.missing.why == "cannot create the cgroup /sys/fs/cgroup/memory/gestvenv: Permission denied");
    CHECK(row.missing.remedy ==
          "as root: mkdir /sys/fs/cgroup/memory/gestvenv && chown 1000 /sys/fs/cgroup/memory/gestvenv");
}

TEST_CASE("root without cgroups is told what the kernel or the container lacks") {
    auto found = everything();
    found.cgroups = found.limits_memory = found.limits_threads = false;
    found.limitations = {"no cgroups: there is no cgroup v2 tree", "no limit max_memory: no",
                         "no limit max_threads: no"};
    auto facts = debian(0);
    CHECK(mentions(named(explain(found, facts), "max_memory"), "cgroup_enable=memory"));
    CHECK(named(explain(found, facts), "max_threads").missing.remedy == "a kernel of 6.14 or newer");
    facts.has_cgroup_v2 = false;
    CHECK(mentions(named(explain(found, facts), "cgroup v2"), "systemd.unified_cgroup_hierarchy=1"));
    facts.has_systemd = false;
    CHECK(mentions(named(explain(found, facts), "cgroup v2"), "mount -t cgroup2"));
    facts.in_container = true;
    CHECK(mentions(named(explain(found, facts), "cgroup v2"), "docker run --privileged --cgroupns private"));
    CHECK(mentions(named(explain(found, facts), "max_memory"), "docker run --memory 2g"));
    facts.in_kubernetes = true;
    CHECK(mentions(named(explain(found, facts), "max_memory"), "resources: {limits: {memory: 2Gi"));
    facts = debian(0);
    facts.kernel_major = 5;
    facts.kernel_minor = 10;
    CHECK(mentions(named(explain(found, facts), "cgroup v2"), "a kernel of 5.14"));
}

TEST_CASE("a controller that groups above keep to themselves is passed on by one line") {
    auto found = everything();
    found.limits_cpu = false;
    found.limitations = {
        "no limit max_cpu_percent: the group /cg/jobs passes no controller cpu on, and none is there"};
    auto facts = debian(0);
    facts.has_systemd = false;
    facts.in_container = true; // a machine of its own, made from a container's image
    auto advice = [&] { return named(explain(found, facts), "max_cpu_percent").missing.remedy; };
    const std::string about_the_container = "limit the container as a whole: docker run --memory 2g";
    CHECK(advice().starts_with(about_the_container));
    facts.groups = {{"/cg", {"cpu", "memory"}, {"cpu", "memory"}, true},
                    {"/cg/jobs", {"cpu", "memory"}, {"memory"}, true},
                    {"/cg/jobs/own", {"memory"}, {}, false}};
    CHECK(advice() == "as root: echo +cpu | tee /cg/jobs/cgroup.subtree_control");
    facts.groups[0].passed_on = {"memory"};
    facts.groups[1].offered = {"memory"};
    CHECK(advice() == "as root: echo +cpu | tee /cg/cgroup.subtree_control /cg/jobs/cgroup.subtree_control");
    SECTION("but not by a group that has processes, or where there is none to pass on") {
        SECTION("it has processes") {
            facts.groups[1].can_pass_more_on = false;
        }
        SECTION("the kernel has it elsewhere") {
            facts.groups[0].offered = {"memory"};
        }
        CHECK(advice().starts_with(about_the_container));
    }
    SECTION("nor behind systemd's back") {
        facts.has_systemd = true;
        CHECK(advice().starts_with(about_the_container));
    }
}
