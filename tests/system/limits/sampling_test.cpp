// SPDX-License-Identifier: MIT
#include "tests/support/machine_fixture.hpp"
#include "tests/support/outer_limit.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <poll.h>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::answer;
using test::each_containment;
using test::machine_fixture;

namespace {

usage_reading sample(machine_fixture& f) {
    auto readings = answer<std::vector<usage_reading>>([&](auto done) { f.machine->sample({f.id}, done); });
    REQUIRE(readings);
    REQUIRE(readings->size() == 1);
    CHECK(readings->front().environment_id == f.id);
    return readings->front();
}

// Runs until the sample satisfies `good`; the last one is returned in any case.
template <class Good>
usage_reading sample_until(machine_fixture& f, Good good) {
    auto reading = sample(f);
    for (int attempt = 0; attempt < 1000 && !good(reading); ++attempt) {
        ::poll(nullptr, 0, 5);
        reading = sample(f);
    }
    return reading;
}

} // namespace

TEST_CASE("an environment in which nothing runs uses nothing but its storage") {
    machine_fixture f{each_containment()};
    auto reading = sample(f);
    CHECK(reading.processes == 0);
    CHECK(reading.threads == 0);
    CHECK(reading.memory_bytes == 0);
    CHECK_FALSE(reading.memory_peak_bytes);
    CHECK(reading.disk_bytes.value_or(-1) >= 0);
}

TEST_CASE("processes, threads and memory are those of what runs") {
    machine_fixture f{each_containment()};
    auto word = test::unique_number();
    auto result = f.begin(f.shell("sleep 600." + word +
                                  " & exec python3 -c '\n"
                                  "import threading, time\n"
                                  "block = b\"x\" * (50 << 20)\n"
                                  "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
                                  "time.sleep(600)'"));
    // A guard stands in front of the command where no group holds it together.
    auto guards = f.machine->greeting().cgroup_parent.empty() ? 1 : 0;
    auto reading = sample_until(f, [guards](const usage_reading& now) {
        return now.threads >= 3 + guards && now.memory_bytes > 50 << 20;
    });
    CHECK(reading.processes == 2 + guards);
    CHECK(reading.threads == 3 + guards);
    CHECK(reading.memory_bytes > 50 << 20);
    CHECK(reading.memory_bytes < 120 << 20);
    REQUIRE(f.end());
    result.wait();
}

TEST_CASE("CPU time counts what has ended as well") {
    machine_fixture f{each_containment()};
    auto before = sample(f).cpu_time;
    auto result = f.run("python3 -c 'sum(range(10000000))'");
    REQUIRE(result);
    // Without a cgroup it comes in ticks of the clock, and when the guard that has reported the end is waited
    // for.
    const auto least = result->user_time + result->system_time - 20ms;
    auto used = sample(f).cpu_time - before;
    for (int i = 0; i < 200 && used < least; ++i) {
        ::poll(nullptr, 0, 10);
        used = sample(f).cpu_time - before;
    }
    CHECK(used >= least);
    CHECK(used <= (result->user_time + result->system_time) * 3 + 100ms);
}

TEST_CASE("what is written shows as disk use, in a tmpfs at once and in a folder when it was looked at") {
    auto storage = GENERATE(storage_backend::tmpfs, storage_backend::disk, storage_backend::memory);
    machine_fixture f{containment::pid_namespace, storage};
    auto before = sample(f).disk_bytes.value_or(-1);
    REQUIRE(before >= 0);
    REQUIRE(f.run("mkdir -p deep/er && head -c 8000000 /dev/urandom > deep/er/file && sync deep/er/file"));
    auto grown = sample(f).disk_bytes.value_or(-1) - before;
    CHECK(grown >= 8000000);
    CHECK(grown < 8200000);
}

TEST_CASE("bytes read and written are those to and from the disk, of ended processes too") {
    machine_fixture f{each_containment(), storage_backend::disk};
    auto file = f.root.path() / "file";
    auto result = f.run("head -c 8000000 /dev/zero > " + file.string());
    REQUIRE(result);
    REQUIRE(result->success());
    auto reading = sample(f);
    CHECK(reading.io_written_bytes >= 8000000);
    CHECK(reading.io_read_bytes >= 0);
}

TEST_CASE("with a limit of memory the kernel's own count is told, with its peak") {
    resource_limits limits;
    limits.max_memory = 100;
    test::outer_limit around;
    machine_fixture f{containment::pid_namespace, storage_backend::tmpfs, limits};
    REQUIRE(f.run("python3 -c 'x = bytearray(40 << 20)'"));
    auto reading = sample(f);
    REQUIRE(reading.memory_peak_bytes);
    CHECK(*reading.memory_peak_bytes > 40 << 20);
    CHECK(*reading.memory_peak_bytes <= 100 << 20);
    CHECK(reading.memory_bytes < 40 << 20);
}

TEST_CASE("environments that there are not are left out of a sample") {
    machine_fixture f;
    auto readings = answer<std::vector<usage_reading>>([&](auto done) {
        f.machine->sample({"unknown", f.id, "another unknown"}, done);
    });
    REQUIRE(readings);
    REQUIRE(readings->size() == 1);
    CHECK(readings->front().environment_id == f.id);
    REQUIRE(f.end());
    readings = answer<std::vector<usage_reading>>([&](auto done) { f.machine->sample({f.id}, done); });
    REQUIRE(readings);
    CHECK(readings->empty());
}
