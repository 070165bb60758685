// SPDX-License-Identifier: MIT
// A rig that is killed in the middle of a cycle, as by the interruption of a run of all tests.
#include "tests/support/places.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tools/faults/common/process_look.hpp"
#include "tools/faults/harness/rig.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::faults;

namespace {

namespace files = std::filesystem;

// Wherever groups are: by name, in every hierarchy that is mounted at the usual place.
std::vector<std::string> groups_named(const std::string& name) {
    std::vector<std::string> found;
    std::error_code gone;
    for (files::recursive_directory_iterator
             entry{"/sys/fs/cgroup", files::directory_options::skip_permission_denied, gone},
         end;
         !gone && entry != end; entry.increment(gone))
        if (entry->path().filename() == name)
            found.push_back(entry->path().string());
    return found;
}

bool comes_true(const auto& condition) {
    for (int i = 0; i < 3000; ++i) {
        if (condition())
            return true;
        ::poll(nullptr, 0, 10);
    }
    return false;
}

} // namespace

TEST_CASE("a rig that is killed in the middle leaves no process, no group and no folder") {
    test::temporary_folder place;
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        rig killed{{test::built_fault_subject, test::built_fault_launcher}, place.path()};
        cycle quiet;
        quiet.best = containment::cgroup;
        quiet.storage = storage_backend::disk;
        for (;;)
            (void)killed.run(quiet);
    }
    auto name = "gestvenv-rig-" + std::to_string(child);
    auto works = [&] { return !living_with((place.path() / name / "work").string()).empty(); };
    CHECK(comes_true(works));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(comes_true([&] { return !files::exists(place.path() / name); }));
    CHECK(comes_true([&] { return groups_named(name).empty(); }));
    CHECK(comes_true([&] { return living_with((place.path() / name).string()).empty(); }));
}
