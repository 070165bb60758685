// SPDX-License-Identifier: MIT
// Each limit against a program that wants more than it allows.
#include "system/limits/cgroup_tree.hpp"
#include "tests/support/machine_fixture.hpp"
#include "tests/support/outer_limit.hpp"
#include "tests/support/places.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <unistd.h>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::answer;
using test::each_containment;
using test::machine_fixture;
using test::outer_limit;

namespace {

// Without version 1 the tree that holds processes together is the one that limits them: a subreaper has
// neither.
containment each_limited() {
    auto limit = each_containment();
    if (limit == containment::subreaper && !cgroup_tree::find_version_one("memory"))
        SKIP("a subreaper limits nothing where there is version 2 alone");
    return limit;
}

// Those in which threads can be bounded: an ordinary user needs the namespace.
containment each_bounded() {
    auto limit = each_limited();
    if (limit != containment::pid_namespace && ::geteuid() != 0)
        SKIP("without a namespace an ordinary user cannot bound threads here");
    return limit;
}

std::string problem(const outcome<operation_result>& result) {
    return result ? "" : result.error().message;
}

resource_limits with_memory(megabytes most) {
    resource_limits limits;
    limits.max_memory = most;
    return limits;
}

// Allocates and touches 300 MB, not more.
const char* const hog = "exec python3 -c \"x = bytearray(300 << 20); print('survived')\"";

} // namespace

TEST_CASE("a command that takes more memory than it may is killed, and its result says why") {
    outer_limit around;
    auto storage = GENERATE(storage_backend::tmpfs, storage_backend::disk);
    machine_fixture f{each_limited(), storage, with_memory(100)};
    auto result = f.run(hog);
    CAPTURE(problem(result));
    REQUIRE(result);
    CHECK(result->signal == SIGKILL);
    CHECK(result->out_of_memory);
    CHECK(result->stdout_text.empty());
    // The environment is as good as before.
    auto next = f.run("echo good");
    REQUIRE(next);
    CHECK(next->stdout_text == "good\n");
    CHECK_FALSE(next->out_of_memory);
    auto ended = f.end();
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    for (const auto& group : f.keeper_started.cgroups)
        CHECK_FALSE(std::filesystem::exists(group));
}

TEST_CASE("without a limit of memory the same command runs through") {
    outer_limit around;
    machine_fixture f;
    auto result = f.run(hog);
    CAPTURE(problem(result));
    REQUIRE(result);
    CHECK(result->stdout_text == "survived\n");
    CHECK_FALSE(result->out_of_memory);
}

TEST_CASE("what a command writes to a storage in RAM counts as memory") {
    // The storage keeps all there is when the command is gone, and this keeper touches new memory at every
    // step.
    if (!std::string_view{test::sanitizer}.empty())
        SKIP("a keeper under a sanitizer dies of the same limit");
    outer_limit around;
    machine_fixture f{containment::pid_namespace, storage_backend::tmpfs, with_memory(20)};
    auto result = f.run("head -c 50000000 /dev/zero > file && echo survived");
    CAPTURE(problem(result));
    REQUIRE(result);
    CHECK(result->stdout_text.empty());
    CHECK(result->out_of_memory);
}

TEST_CASE("a command is ended for want of memory sooner than its keeper") {
    machine_fixture f{each_containment()};
    auto score = [](std::int64_t pid) {
        int value = 0;
        std::ifstream{"/proc/" + std::to_string(pid) + "/oom_score_adj"} >> value;
        return value;
    };
    auto result = f.run("cat /proc/self/oom_score_adj");
    CAPTURE(problem(result));
    REQUIRE(result);
    CHECK(std::stoi(result->stdout_text) == std::min(score(f.keeper_started.keeper_pid) + 500, 1000));
    CHECK(score(f.keeper_started.keeper_pid) == score(::getpid()));
}

TEST_CASE("a busy command gets about the share of a core that it may have") {
    outer_limit around;
    resource_limits limits;
    limits.max_cpu_percent = 20;
    machine_fixture f{each_limited(), storage_backend::tmpfs, limits};
    // Two at once: the share is the environment's, not each process's.
    const std::string busy = "python3 -c 'import time; end = time.monotonic() + 1.5\n"
                             "while time.monotonic() < end: pass'";
    auto result = f.run(busy + " & " + busy + " & wait");
    CAPTURE(problem(result));
    REQUIRE(result);
    CHECK(result->success());
    auto share = std::chrono::duration<double>(result->user_time + result->system_time) /
                 std::chrono::duration<double>(result->duration);
    CHECK(share > 0.05);
    CHECK(share < 0.35);
}

TEST_CASE("a fork bomb stays within the bound of threads and is ended for its number of processes") {
    outer_limit around{outer_limit::need::threads};
    resource_limits limits;
    limits.max_processes = 20;
    limits.max_threads = 200;
    auto before = around.most_threads();
    machine_fixture f{each_bounded(), storage_backend::tmpfs, limits};
    auto word = test::unique_number();
    // The command itself forks once, before the bomb: refused a fork at the bound, it would end before it is killed.
    auto result = f.run("(bomb() { sleep 600." + word + " & bomb | bomb & }; bomb) & exec sleep 600." + word);
    CAPTURE(problem(result));
    REQUIRE(result);
    CHECK(result->signal == SIGKILL);
    CHECK(result->too_many_processes);
    CHECK(test::wait_for_processes(word, 0));
    // The launcher, its keeper and this program have a few of their own.
    if (before)
        CHECK(around.most_threads() < *before + 230);
    CHECK(f.run("exit 0"));
}

TEST_CASE("what an ended command has left running counts, and is ended when it grows too many") {
    resource_limits limits;
    limits.max_processes = 5;
    machine_fixture f{each_containment(), storage_backend::tmpfs, limits};
    auto word = test::unique_number();
    auto result = f.run("for i in 1 2 3 4 5 6 7 8; do setsid sleep 600." + word + " & done");
    CAPTURE(problem(result));
    REQUIRE(result);
    CHECK(test::wait_for_processes(word, 0));
    CHECK(f.run("exit 0"));
}

TEST_CASE("as many processes as allowed are left alone") {
    resource_limits limits;
    limits.max_processes = 6;
    machine_fixture f{each_containment(), storage_backend::tmpfs, limits};
    // The shell and five others, for longer than it takes to count them.
    auto result = f.run("for i in 1 2 3 4 5; do sleep 0.7 & done; wait; echo done");
    CAPTURE(problem(result));
    REQUIRE(result);
    CHECK(result->stdout_text == "done\n");
    CHECK_FALSE(result->too_many_processes);
}

TEST_CASE("threads beyond the bound cannot be started, and processes are not threads") {
    outer_limit around{outer_limit::need::threads};
    resource_limits limits;
    limits.max_processes = 5;
    limits.max_threads = 64;
    machine_fixture f{each_bounded(), storage_backend::tmpfs, limits};
    // All of them live until one is refused, however slow the machine is.
    auto result = f.run("python3 -c '\n"
                        "import threading, time\n"
                        "refused = threading.Event()\n"
                        "count = 1\n"
                        "try:\n"
                        "    for number in range(1000):\n"
                        "        threading.Thread(target=refused.wait, daemon=True).start()\n"
                        "        count += 1\n"
                        "except RuntimeError: pass\n"
                        "time.sleep(0.4)\n"
                        "refused.set()\n"
                        "print(count)'");
    CAPTURE(problem(result));
    REQUIRE(result);
    CHECK_FALSE(result->too_many_processes);
    auto count = std::atoi(result->stdout_text.c_str());
    CHECK(count <= 64);
    // The shell, and where there is one the guard, count as well.
    CHECK(count >= 61);
}

TEST_CASE("the groups of limits outlive neither the launcher's death nor its successor's undoing") {
    outer_limit around;
    auto limits = with_memory(100);
    limits.max_cpu_percent = 50;
    machine_fixture f{each_limited(), storage_backend::tmpfs, limits};
    REQUIRE(f.run("sleep 600 & exit 0"));
    REQUIRE_FALSE(f.keeper_started.cgroups.empty());
    ::kill(static_cast<pid_t>(f.machine->greeting().launcher_pid), SIGKILL);
    REQUIRE(f.lost.get_future().wait_for(5s) == std::future_status::ready);
    REQUIRE(f.machine->restart());
    auto undone = answer<protocol::ended>([&](auto done) {
        f.machine->undo({{}, "owner", f.keeper_started.cgroups}, done);
    });
    REQUIRE(undone);
    CHECK(undone->residue.empty());
    for (const auto& group : f.keeper_started.cgroups)
        CHECK_FALSE(std::filesystem::exists(group));
}

TEST_CASE("groups of that name that are there already are left alone") {
    machine_fixture f;
    REQUIRE(f.end());
    if (f.keeper_started.cgroups.empty())
        SKIP("there are no cgroups here");
    auto taken = f.keeper_started.cgroups.front();
    std::filesystem::create_directory(taken.substr(0, taken.rfind('/')));
    REQUIRE(std::filesystem::create_directory(taken));
    protocol::create request;
    request.environment_id = f.id;
    request.size_bytes = 1 << 20;
    request.size_files = 1000;
    request.base_path = (f.root.path() / "storage").string();
    request.owner_marker = "owner";
    REQUIRE(answer<protocol::created>([&](auto done) { f.machine->create(request, done); }));
    auto refused = answer<protocol::keeper_started>([&](auto done) {
        f.machine->start_keeper({f.id, cgroup_name(f.id), {}}, done);
    });
    CHECK((!refused && refused.error().code == error_code::name_in_use));
    REQUIRE(f.end());
    CHECK(std::filesystem::exists(taken));
    std::filesystem::remove(taken);
}
