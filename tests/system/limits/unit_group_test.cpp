// SPDX-License-Identifier: MIT
// Which groups are not left, by what their files say.
#include "system/limits/unit_group.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <string>

using namespace gestvenv;

namespace {

struct group {
    explicit group(const std::string& name) : path{(root.path() / name).string()} {
        std::filesystem::create_directory(path);
        for (const char* file : {"memory.max", "memory.high", "cpu.max", "pids.max"})
            write(file, "max");
    }
    void write(const char* file, const char* value) const { std::ofstream{path + "/" + file} << value; }

    test::temporary_folder root;
    std::string path;
};

} // namespace

TEST_CASE("a service is never left, whatever it allows") {
    CHECK(must_stay_in(group{"one.service"}.path));
    CHECK_FALSE(must_stay_in(group{"one.scope"}.path));
    CHECK_FALSE(must_stay_in(group{"one.slice"}.path));
}

TEST_CASE("a group with a limit of its own is not left") {
    for (const char* file : {"memory.max", "memory.high", "cpu.max", "pids.max"}) {
        CAPTURE(file);
        group limited{"one.scope"};
        limited.write(file, "100");
        CHECK(must_stay_in(limited.path));
    }
}

TEST_CASE("the bound of tasks that systemd gives every unit is no limit of its own") {
    group usual{"one.scope"};
    usual.write("pids.max", "4000000");
    CHECK_FALSE(must_stay_in(usual.path));
}

TEST_CASE("a group whose files are missing, as where a controller is, limits nothing") {
    test::temporary_folder empty;
    CHECK_FALSE(must_stay_in(empty.path().string()));
}

TEST_CASE("a delegated group passes on each controller that it is asked for") {
    group delegated{"one.service"};
    delegated.write("cgroup.subtree_control", "");
    CHECK_FALSE(is_delegated(delegated.path));
    CHECK(open_delegated(delegated.path, {"memory", "pids"}));
    CHECK_FALSE(open_delegated(delegated.path, {}));
    CHECK_FALSE(open_delegated(delegated.path + "/missing", {"memory"}));
}
