// SPDX-License-Identifier: MIT
#include "system/limits/limit_files.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;

TEST_CASE("limits are written as the documentation names them, in version 2") {
    CHECK(memory_files(cgroup_version::two, 1000) ==
          std::vector<limit_file>{{"memory.max", "1000"}, {"memory.swap.max", "0", true}});
    CHECK(cpu_files(cgroup_version::two, 50) == std::vector<limit_file>{{"cpu.max", "50000 100000"}});
    CHECK(cpu_files(cgroup_version::two, 250) == std::vector<limit_file>{{"cpu.max", "250000 100000"}});
    CHECK(pids_files(cgroup_version::two, 512) == std::vector<limit_file>{{"pids.max", "512"}});
}

TEST_CASE("limits are written as the documentation names them, in version 1") {
    CHECK(memory_files(cgroup_version::one, 1000) ==
          std::vector<limit_file>{{"memory.limit_in_bytes", "1000"},
                                  {"memory.memsw.limit_in_bytes", "1000", true}});
    CHECK(cpu_files(cgroup_version::one, 50) ==
          std::vector<limit_file>{{"cpu.cfs_period_us", "100000"}, {"cpu.cfs_quota_us", "50000"}});
}

TEST_CASE("a share of a core too small for the usual period gets a longer one") {
    CHECK(cpu_files(cgroup_version::two, 1) == std::vector<limit_file>{{"cpu.max", "1000 100000"}});
    CHECK(cpu_files(cgroup_version::two, 0.5) == std::vector<limit_file>{{"cpu.max", "5000 1000000"}});
    CHECK(cpu_files(cgroup_version::two, 0.1) == std::vector<limit_file>{{"cpu.max", "1000 1000000"}});
}
