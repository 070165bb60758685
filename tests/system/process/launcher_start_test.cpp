// SPDX-License-Identifier: MIT
// A launcher that does not get as far as saying that it is ready.
#include "system/process/launcher_start.hpp"
#include "tests/support/places.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <poll.h>

using namespace gestvenv;
namespace files = std::filesystem;

namespace {

launcher_start_options with_program(const files::path& folder, const std::string& script) {
    auto program = folder / "launcher";
    std::ofstream{program} << "#!/bin/sh\n" << script;
    files::permissions(program, files::perms::owner_all);
    launcher_start_options options;
    options.program = program;
    options.attach_root = (folder / "attach").string();
    return options;
}

} // namespace

TEST_CASE("a launcher that is killed before it is ready is started once more") {
    test::temporary_folder folder;
    auto mark = (folder.path() / "mark").string();
    auto started = start_launcher(with_program(
        folder.path(), fmt::format("[ ! -e '{0}' ] || exec {1} \"$@\"\n: > '{0}'\nkill -KILL $$\n", mark,
                                   test::built_launcher)));
    REQUIRE(started);
    CHECK(files::exists(mark));
    // Without its connection it ends, and takes its own folder along before this test removes the rest.
    *started = {};
    for (int i = 0; i < 2000 && files::exists(folder.path() / "attach"); ++i)
        ::poll(nullptr, 0, 5);
    CHECK_FALSE(files::exists(folder.path() / "attach"));
}

TEST_CASE("a launcher that is never ready is given up after the second time, with its name") {
    test::temporary_folder folder;
    auto marks = (folder.path() / "marks").string();
    auto options = with_program(folder.path(), fmt::format("echo once >> '{}'\n", marks));
    auto started = start_launcher(options);
    REQUIRE_FALSE(started);
    CHECK(started.error().code == error_code::launcher_unavailable);
    CHECK(started.error().message ==
          "the launcher " + options.program.string() + " ended before it was ready");
    CHECK(files::file_size(marks) == 10);
}
