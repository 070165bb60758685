// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/artifact_copy.hpp"

#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::cli;
namespace files = std::filesystem;

namespace {

/// An environment's folder with its `work`, and a place beside it.
struct place {
    test::temporary_folder folder;
    files::path work = folder.path() / "environment/work";
    files::path out = folder.path() / "out";

    place() { files::create_directories(work); }

    void write(const files::path& path, const std::string& text) const {
        files::create_directories(path.parent_path());
        std::ofstream{path} << text;
    }
    artifact_report copy(const std::string& pattern) const {
        artifact_copier copier{{{*artifact_pattern::parse(pattern), out.string()}}};
        copier.environment_is_at(work.parent_path());
        copier.copy();
        return copier.report();
    }
};

std::string content(const files::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::ptrdiff_t entries_in(const files::path& folder) {
    return std::distance(files::recursive_directory_iterator{folder}, {});
}

} // namespace

TEST_CASE("files that match are copied without the leading folders of the pattern") {
    place here;
    here.write(here.work / "dist/a.whl", "a");
    here.write(here.work / "dist/b.whl", "bb");
    here.write(here.work / "dist/c.txt", "c");
    here.write(here.work / "a.whl", "no");
    auto report = here.copy("dist/*.whl");
    CHECK(report.files == 2);
    CHECK(report.bytes == 3);
    CHECK(report.warnings.empty());
    CHECK(!report.problem);
    CHECK(content(here.out / "a.whl") == "a");
    CHECK(content(here.out / "b.whl") == "bb");
    CHECK(entries_in(here.out) == 2);
}

TEST_CASE("a folder that matches is copied with all in it, empty and hidden ones too") {
    place here;
    here.write(here.work / "report/a/.hidden", "x");
    here.write(here.work / "report/index", "y");
    files::create_directories(here.work / "report/empty");
    auto report = here.copy("report");
    CHECK(report.files == 2);
    CHECK(content(here.out / "report/a/.hidden") == "x");
    CHECK(content(here.out / "report/index") == "y");
    CHECK(files::is_directory(here.out / "report/empty"));
}

TEST_CASE("two stars find files at any depth and keep their folders") {
    place here;
    here.write(here.work / "x.xml", "1");
    here.write(here.work / "a/b/x.xml", "2");
    here.write(here.work / ".git/x.xml", "3");
    CHECK(here.copy("**/*.xml").files == 2);
    CHECK(content(here.out / "x.xml") == "1");
    CHECK(content(here.out / "a/b/x.xml") == "2");
    place all;
    all.write(all.work / "a/x", "1");
    CHECK(all.copy("**").files == 1);
    CHECK(content(all.out / "a/x") == "1");
}

TEST_CASE("a file that is there is replaced, and stays what it was for a process that holds it open") {
    place here;
    here.write(here.work / "x", "new");
    here.write(here.out / "x", "old, and longer");
    std::ifstream reader{here.out / "x"};
    CHECK(here.copy("x").files == 1);
    CHECK(content(here.out / "x") == "new");
    CHECK(std::string{std::istreambuf_iterator<char>{reader}, {}} == "old, and longer");
    CHECK(entries_in(here.out) == 1);
}

TEST_CASE("what may be executed may be in the copy, and nothing more is taken over") {
    place here;
    here.write(here.work / "tool", "x");
    REQUIRE(::chmod((here.work / "tool").c_str(), 04755) == 0);
    here.write(here.work / "data", "x");
    here.copy("*");
    CHECK((files::status(here.out / "tool").permissions() & files::perms::owner_exec) != files::perms::none);
    CHECK((files::status(here.out / "tool").permissions() & files::perms::set_uid) == files::perms::none);
    CHECK((files::status(here.out / "data").permissions() & files::perms::owner_exec) == files::perms::none);
}

TEST_CASE("no symbolic link out of the environment is followed") {
    place here;
    here.write(here.folder.path() / "secret/key", "sesame");
    files::create_symlink(here.folder.path() / "secret/key", here.work / "file");
    files::create_directory_symlink(here.folder.path() / "secret", here.work / "folder");
    here.write(here.work / "plain", "x");
    auto report = here.copy("*");
    CHECK(report.files == 1);
    CHECK(report.warnings.size() == 2);
    CHECK(!files::exists(here.out / "file"));
    CHECK(!files::exists(here.out / "folder"));
    CHECK(here.copy("folder/key").files == 0);
    CHECK(here.copy("folder/*").warnings.front().find("matches nothing") != std::string::npos);
}

TEST_CASE("the work folder itself must be one") {
    place here;
    files::remove(here.work);
    files::create_directory_symlink("/etc", here.work);
    auto report = here.copy("passwd");
    CHECK(report.files == 0);
    CHECK(report.warnings.size() == 1);
    CHECK(!files::exists(here.out));
}

TEST_CASE("a link below the target folder is not followed either") {
    place here;
    here.write(here.work / "a/x", "new");
    files::create_directories(here.out);
    files::create_directories(here.folder.path() / "elsewhere");
    files::create_directory_symlink(here.folder.path() / "elsewhere", here.out / "a");
    auto report = here.copy("a");
    REQUIRE(report.problem);
    CHECK(files::is_empty(here.folder.path() / "elsewhere"));
    here.write(here.work / "y", "new");
    here.write(here.folder.path() / "kept", "kept");
    files::create_symlink(here.folder.path() / "kept", here.out / "y");
    CHECK(here.copy("y").files == 1);
    CHECK(content(here.folder.path() / "kept") == "kept");
    CHECK(!files::is_symlink(here.out / "y"));
}

TEST_CASE("pipes and sockets are named and left alone") {
    place here;
    REQUIRE(::mkfifo((here.work / "pipe").c_str(), 0600) == 0);
    auto report = here.copy("*");
    CHECK(report.files == 0);
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings[0] == "--artifacts: `pipe` is not copied: it is no regular file");
}

TEST_CASE("warnings are bounded") {
    place here;
    for (int number = 0; number < 100; ++number)
        files::create_symlink("nowhere", here.work / ("link" + std::to_string(number)));
    CHECK(here.copy("*").warnings.size() == 21);
}

TEST_CASE("a folder that cannot be written is a problem, a target that is a folder too") {
    place here;
    here.write(here.work / "x", "new");
    here.write(here.out, "a file");
    auto report = here.copy("x");
    REQUIRE(report.problem);
    CHECK(!report.problem->hint.empty());
    files::remove(here.out);
    files::create_directories(here.out / "x");
    CHECK(here.copy("x").problem);
    CHECK(entries_in(here.out) == 1);
}

TEST_CASE("a copy without time leaves nothing half done, and says so") {
    place here;
    here.write(here.work / "x", "new");
    artifact_copier copier{{{*artifact_pattern::parse("*"), here.out.string()}}};
    copier.environment_is_at(here.work.parent_path());
    copier.copy_within(std::chrono::milliseconds{0});
    CHECK(copier.report().files == 0);
    REQUIRE(copier.report().warnings.size() == 1);
    CHECK(copier.report().warnings[0].find("there was no time") != std::string::npos);
    CHECK(!files::exists(here.out));
    copier.copy(); // once is all
    CHECK(!files::exists(here.out));
}

TEST_CASE("a tree without end is cut at some depth") {
    place here;
    auto deep = here.work;
    for (int level = 0; level < 300; ++level)
        deep /= "d";
    here.write(deep / "x", "1");
    auto report = here.copy("**/x");
    CHECK(report.files == 0);
    report = here.copy("d");
    CHECK(report.files == 0);
    REQUIRE(!report.warnings.empty());
    CHECK(report.warnings[0].find("too deep") != std::string::npos);
}
