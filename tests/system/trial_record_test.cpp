// SPDX-License-Identifier: MIT
// What works on this machine is tried once, and believed only where nothing has changed since.
#include "system/process/launcher_start.hpp"
#include "system/trial_record.hpp"
#include "tests/support/places.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <string>

using namespace gestvenv;
namespace files = std::filesystem;

namespace {

std::string content_of(const files::path& file) {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void put(const std::string& file, const std::string& situation, const std::string& trial) {
    trial_record record{file, situation};
    record.note(trial, "works");
    record.write();
}

} // namespace

TEST_CASE("what worked is known to the next start in the same situation, and in no other") {
    test::temporary_folder place;
    const auto file = (place.path() / "trials").string();
    trial_record first{file, "here"};
    CHECK(first.find("mounts") == nullptr);
    first.note("mounts", "works");
    first.note("groups in /a", "cpu memory");
    first.write();
    trial_record again{file, "here"};
    REQUIRE(again.find("mounts") != nullptr);
    CHECK(*again.find("groups in /a") == "cpu memory");
    CHECK(trial_record{file, "elsewhere"}.find("mounts") == nullptr);
}

TEST_CASE("a situation that is forgotten leaves the others as they are") {
    test::temporary_folder place;
    const auto file = (place.path() / "trials").string();
    put(file, "one", "mounts");
    put(file, "two", "mounts");
    trial_record{file, "one"}.forget();
    CHECK(trial_record{file, "one"}.find("mounts") == nullptr);
    CHECK(trial_record{file, "two"}.find("mounts") != nullptr);
}

TEST_CASE("the file keeps the sixteen situations that were written last") {
    test::temporary_folder place;
    const auto file = (place.path() / "trials").string();
    for (int i = 0; i < 20; ++i)
        put(file, std::to_string(i), "mounts");
    CHECK(trial_record{file, "3"}.find("mounts") == nullptr);
    CHECK(trial_record{file, "4"}.find("mounts") != nullptr);
    CHECK(trial_record{file, "19"}.find("mounts") != nullptr);
}

TEST_CASE("a file that others could have written is not believed, nor a link") {
    test::temporary_folder place;
    const auto file = place.path() / "trials";
    put(file.string(), "here", "mounts");
    files::create_symlink(file, place.path() / "link");
    CHECK(trial_record{(place.path() / "link").string(), "here"}.find("mounts") == nullptr);
    files::permissions(file, files::perms{0666});
    CHECK(trial_record{file.string(), "here"}.find("mounts") == nullptr);
}

TEST_CASE("where the file cannot be written nothing is lost but the time") {
    trial_record record{"/proc/nowhere/trials", "here"};
    record.note("mounts", "works");
    record.write();
    CHECK(trial_record{"/proc/nowhere/trials", "here"}.find("mounts") == nullptr);
}

TEST_CASE("a launcher that knows the machine says of it what one says that has tried everything") {
    test::temporary_folder place;
    launcher_start_options options;
    options.program = test::built_launcher;
    options.attach_root = (place.path() / "attach").string();
    options.trials = (place.path() / "trials").string();
    auto tried = start_launcher(options);
    REQUIRE(tried);
    const auto written = content_of(options.trials);
    CHECK_FALSE(written.empty());
    auto known = start_launcher(options);
    REQUIRE(known);
    CHECK(content_of(options.trials) == written);
    const auto& before = tried->greeting;
    const auto& after = known->greeting;
    CHECK(after.best == before.best);
    CHECK(after.mounts == before.mounts);
    CHECK(after.cgroup_parent == before.cgroup_parent);
    CHECK(after.limits.memory.parent == before.limits.memory.parent);
    CHECK(after.limits.least_in_namespace == before.limits.least_in_namespace);
    CHECK(after.limitations == before.limitations);
}
