// SPDX-License-Identifier: MIT
#include "system/python/version_file.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>

using namespace gestvenv::python;
using gestvenv::test::scratch_folder;
using gestvenv::test::write_file;

using words = std::vector<std::string>;

TEST_CASE("the first version of a .python-version is what it asks for") {
    auto wanted = [](std::string_view text) { return parse_version_file(text).wanted.value_or("nothing"); };
    CHECK(wanted("3.12\n") == "3.12");
    CHECK(wanted("3.12.4") == "3.12.4");
    CHECK(wanted("3.12.4\n3.11\n") == "3.12.4");
    CHECK(wanted("\xef\xbb\xbf"
                 "3.12\r\n") == "3.12");
    CHECK(wanted("# ours\n\n  3.11   # until 2027\n") == "3.11");
    CHECK(wanted("3") == "3");
    CHECK(wanted(">=3.10, <3.13\n") == ">=3.10, <3.13");
    CHECK(wanted("cpython-3.12.4-linux-x86_64-gnu\n") == "3.12.4");
    CHECK(wanted("cpython@3.11\n") == "3.11");
    CHECK(wanted("python-3.11\n") == "3.11");
    CHECK(wanted("python3.12\n") == "3.12");
    CHECK(wanted("3.12.4 3.11.9\n") == "3.12.4");
    CHECK(wanted("3.14.0rc1\n") == "3.14.0rc1");
}

TEST_CASE("what is no version of CPython is skipped and named") {
    auto file = parse_version_file("pypy3.10\nmy-project-env\n3.12-dev\n3.13t\n3.11\nlater\n");
    CHECK(file.wanted == "3.11");
    CHECK(file.skipped == words{"pypy3.10", "my-project-env", "3.12-dev", "3.13t"});
    auto none = parse_version_file("miniconda3-latest\n");
    CHECK(!none.wanted);
    CHECK(none.skipped == words{"miniconda3-latest"});
    CHECK(parse_version_file("system\n").skipped.empty());
    CHECK(!parse_version_file("system\n").wanted);
    CHECK(!parse_version_file("").wanted);
}

TEST_CASE("the nearest .python-version counts") {
    scratch_folder scratch;
    auto below = scratch / "a/b/c";
    std::filesystem::create_directories(below);
    write_file(scratch / "a/.python-version", "3.10\n");
    REQUIRE(find_version_file(below));
    CHECK(find_version_file(below)->path == scratch / "a/.python-version");
    CHECK(find_version_file(below)->wanted == "3.10");
    write_file(below / ".python-version", "3.11\n");
    CHECK(find_version_file(below)->wanted == "3.11");
    std::filesystem::create_directories(scratch / "a/b/.python-version"); // a folder is none
    CHECK(find_version_file(scratch / "a/b")->wanted == "3.10");
}
