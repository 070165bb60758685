// SPDX-License-Identifier: MIT
// Limits and usage as a host program sees them.
#include "tests/runtime/host.hpp"
#include "tests/support/outer_limit.hpp"

#include <gestvenv/runtime.hpp>

#include <catch2/catch_test_macros.hpp>

#include <thread>

using namespace gestvenv;

TEST_CASE("a program that takes more memory than its environment may is killed, and the host is told why") {
    test::outer_limit around;
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    REQUIRE(host.abilities().limits_memory);
    environment_spec spec;
    spec.resource_limits.max_memory = 100;
    spec.resource_limits.max_disk = 50;
    auto env = host.create(spec);
    auto result = env.execute("python -c 'x = bytearray(300 << 20)'");
    CHECK(result.out_of_memory);
    CHECK(result.returncode == 137);
    REQUIRE(result.limits_reached.size() == 1);
    const auto& limit = result.limits_reached.front();
    CHECK(limit.limit == "max_memory");
    CHECK(limit.allowed == megabytes{150}.bytes());
    CHECK(limit.measured >= megabytes{140}.bytes());
    CHECK(limit.ended);
    CHECK(env.history().back().text == "exit status 137; " + description_of(limit));
    CHECK(env.execute("python -c 'x = bytearray(50 << 20)'").success());
    auto usage = env.usage();
    CHECK(usage.memory_limit_bytes == megabytes{150}.bytes());
    CHECK(usage.memory_peak_bytes > megabytes{100}.bytes());
    auto receipt = env.destroy();
    CHECK(receipt.clean());
    CHECK(receipt.cgroups_removed >= 1);
}

TEST_CASE("a command that makes too many processes is killed, and the host is told why") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create({.resource_limits = {.max_processes = 3}});
    auto result = env.execute({.arguments = {"sh", "-c", "for i in 1 2 3 4; do sleep 100 & done; wait"}});
    CHECK(result.too_many_processes);
    REQUIRE(result.limits_reached.size() == 1);
    CHECK(result.limits_reached.front().limit == "max_processes");
    CHECK(result.limits_reached.front().allowed == 3);
    CHECK(result.limits_reached.front().measured > 3);
    CHECK(result.returncode == 137);
    CHECK(env.execute("true").success());
}

TEST_CASE("a host learns what its environments use") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    auto idle = env.usage();
    CHECK(idle.processes == 0);
    CHECK(idle.disk_limit_bytes == default_storage_size.bytes());
    auto running = env.execute_async(
        {.text = "python -c 'import time; x = b\"x\" * (30 << 20); print(1, flush=True); time.sleep(100)'"});
    while (env.usage().memory_bytes < megabytes{30}.bytes())
        std::this_thread::yield();
    CHECK(env.usage().processes >= 1);
    CHECK(env.usage_history().empty());
    auto all = host.usage();
    CHECK(all.active_environments == 1);
    CHECK(all.total_memory_mb >= 30);
    CHECK(all.max_concurrent == 50);
    CHECK(env.destroy().clean());
    CHECK(host.usage().active_environments == 0);
    running.wait(); // it was asked to end, or its keeper was gone first
}

TEST_CASE("a host sees the processes of its environments, one by one") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    CHECK(env.processes().total == 0);
    auto running = env.execute_async({.arguments = {"sleep", "600"}});
    auto all = env.processes();
    // The kernel counts the first pages of a program a little later than they are there.
    while (all.total == 0 || all.processes.back().command_line != "sleep 600" ||
           all.processes.back().memory_bytes == 0) {
        std::this_thread::yield();
        all = env.processes();
    }
    CHECK(all.processes.back().started_at <= all.at);
    CHECK(env.processes(0).processes.empty());
    CHECK(env.processes(0).total >= 1);
    const auto id = env.id();
    CHECK(env.destroy().clean());
    CHECK_THROWS_AS(host.attach(id).processes(), environment_not_found_exception);
    running.wait();
}
