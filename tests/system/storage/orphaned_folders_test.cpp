// SPDX-License-Identifier: MIT
#include "system/storage/orphaned_folders.hpp"

#include "system/storage/owner_marker.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

using namespace gestvenv;

namespace {

descriptor folder_at(const std::filesystem::path& path) {
    return descriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

void make_marked(const std::filesystem::path& path, const std::string& owner) {
    std::filesystem::create_directory(path);
    REQUIRE(write_owner_marker(folder_at(path), owner));
}

} // namespace

TEST_CASE("a marked folder that no process holds is orphaned, and found by one finder at a time") {
    test::temporary_folder root;
    make_marked(root.path() / "a", "/somewhere/owner");
    auto found = orphaned_folders(root.path().string());
    REQUIRE(found.size() == 1);
    CHECK(found.front().path == (root.path() / "a").string());
    CHECK(found.front().owner == "/somewhere/owner");
    CHECK(orphaned_folders(root.path().string()).empty());
    found.clear();
    CHECK(orphaned_folders(root.path().string()).size() == 1);
}

TEST_CASE("a folder that is held, unmarked, half marked or a link is no orphaned one") {
    test::temporary_folder root;
    make_marked(root.path() / "held", "owner");
    auto held = folder_at(root.path() / "held");
    REQUIRE(::flock(held.get(), LOCK_SH | LOCK_NB) == 0);
    std::filesystem::create_directory(root.path() / "unmarked");
    make_marked(root.path() / "half", "");
    test::temporary_folder elsewhere;
    make_marked(elsewhere.path() / "b", "owner");
    std::filesystem::create_directory_symlink(elsewhere.path() / "b", root.path() / "link");
    CHECK(orphaned_folders(root.path().string()).empty());
    CHECK(orphaned_folders((root.path() / "missing").string()).empty());
}

TEST_CASE("a marker that is no file blocks no reader and names no owner") {
    test::temporary_folder root;
    auto parent = folder_at(root.path());
    for (const char* name : {"pipe", "link", "folder", "device", "huge"})
        std::filesystem::create_directory(root.path() / name);
    auto marker = [&](const char* name) { return root.path() / name / owner_marker_name; };
    REQUIRE(::mkfifo(marker("pipe").c_str(), 0600) == 0);
    make_marked(root.path() / "real", "owner");
    std::filesystem::create_symlink(marker("real"), marker("link"));
    std::filesystem::create_directory(marker("folder"));
    (void)::mknod(marker("device").c_str(), S_IFCHR | 0600, ::makedev(1, 5)); // zeros, where root may
    std::ofstream{marker("huge")} << std::string(1 << 20, 'x');
    using finding = owner_marker::finding;
    for (const char* name : {"pipe", "link", "folder", "device"})
        CHECK(read_owner_marker(parent, name).found == finding::unmarked);
    CHECK(read_owner_marker(parent, "huge").found == finding::unknown);
    CHECK(read_owner_marker(parent, "missing").found == finding::no_folder);
    CHECK(read_owner_marker(parent, "real").owner == "owner");
    auto found = orphaned_folders(root.path().string());
    REQUIRE(found.size() == 1);
    CHECK(found.front().path == (root.path() / "real").string());
}

TEST_CASE("nothing is looked for in a root of another user's or that others may write to") {
    test::temporary_folder root;
    make_marked(root.path() / "a", "owner");
    std::filesystem::permissions(root.path(), std::filesystem::perms{0720});
    CHECK(orphaned_folders(root.path().string()).empty());
    std::filesystem::permissions(root.path(), std::filesystem::perms{0700});
    CHECK(orphaned_folders(root.path().string()).size() == 1);
    if (::geteuid() != 0)
        SKIP("root alone can be another user here");
    REQUIRE(::chown(root.path().c_str(), 12345, 12345) == 0);
    CHECK(orphaned_folders(root.path().string()).empty());
}

TEST_CASE("a folder or marker of another user's is no orphaned one") {
    if (::geteuid() != 0)
        SKIP("root alone can be another user here");
    test::temporary_folder root;
    make_marked(root.path() / "folder", "owner");
    make_marked(root.path() / "marker", "owner");
    REQUIRE(::chown((root.path() / "folder").c_str(), 12345, 12345) == 0);
    REQUIRE(::chown((root.path() / "marker" / owner_marker_name).c_str(), 12345, 12345) == 0);
    CHECK(orphaned_folders(root.path().string()).empty());
}
