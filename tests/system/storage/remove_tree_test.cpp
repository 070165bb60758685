// SPDX-License-Identifier: MIT
// Removal of a folder that does what it can to stay, or to have something else removed: whatever it does, a
// canary beside it is afterwards what it was, byte for byte.
#include "system/isolation/private_mounts.hpp"
#include "tests/support/fault_hook.hpp"
#include "tests/system/storage/removal_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sched.h>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::test;

TEST_CASE("links to folders and files outside are removed, and what they lead to is not") {
    removal r;
    files::create_directory_symlink(r.canary(), r.tree() / "folder");
    files::create_symlink(r.canary() / "file", r.tree() / "file");
    files::create_symlink("../canary/closed", r.tree() / "relative");
    files::create_symlink("/", r.tree() / "root");
    files::create_symlink("loop", r.tree() / "loop");
    r.check_gone();
}

TEST_CASE("a folder that becomes a link outside while it is being looked at leads nowhere") {
    removal r;
    files::create_directories(r.tree() / "inner" / "innermost");
    write(r.tree() / "inner" / "file", "text");
    bool done = false;
    fault_hook swap{"removal: has found a folder", [&] {
                        if (!std::exchange(done, true)) {
                            files::rename(r.tree() / "inner", r.tree() / "moved");
                            files::create_directory_symlink(r.canary(), r.tree() / "inner");
                        }
                    }};
    (void)r.run(); // a name that was not there when it was read may be left
    r.check_canary();
    r.check_gone();
}

TEST_CASE("a closed folder that becomes a link outside while it is being opened has nothing outside opened") {
    if (::geteuid() != 0)
        SKIP("root alone can be another user here");
    removal r;
    files::create_directories(r.tree() / "closed" / "inner");
    files::permissions(r.tree() / "closed", files::perms::none);
    // What fchmodat(2) by name would open to its owner.
    files::permissions(r.canary(), files::perms{0500});
    for (const auto& entry : {r.canary().parent_path(), r.canary(), r.tree(), r.tree() / "closed"})
        REQUIRE(::chown(entry.c_str(), 12345, 12345) == 0);
    r.remember_canary();
    auto status = in_a_child([&r] {
        if (::setresuid(12345, 12345, 12345) != 0)
            return 1;
        bool asked = false;
        fault_hook swap{"removal: may not open a folder", [&] {
                            if (std::exchange(asked, true))
                                return;
                            files::rename(r.tree() / "closed", r.tree() / "moved");
                            files::create_directory_symlink(r.canary(), r.tree() / "closed");
                        }};
        (void)r.run();
        return asked ? 0 : 2;
    });
    CHECK(status == 0);
    r.check_canary();
    files::permissions(r.canary(), files::perms{0700});
    r.remember_canary();
    r.check_gone();
}

TEST_CASE("a file that has another name outside keeps it, with its content and its flags") {
    removal r;
    files::create_hard_link(r.canary() / "file", r.tree() / "file");
    r.remember_canary(); // a count of names has changed
    CHECK(r.run().bytes == 0);
    r.check_canary();
    files::create_directories(r.tree());
    files::create_hard_link(r.canary() / "file", r.tree() / "file");
    auto flags = flags_of(r.canary() / "file");
    if (flags < 0 || !set_flags(r.canary() / "file", flags | FS_IMMUTABLE_FL))
        SKIP("files cannot be made immutable here");
    r.remember_canary();
    r.check_gone();
    CHECK(set_flags(r.canary() / "file", flags));
}

TEST_CASE("what is immutable or only to be appended to goes") {
    removal r;
    files::create_directories(r.tree() / "inner");
    write(r.tree() / "inner" / "file", "text");
    write(r.tree() / "log", "text");
    auto flags = flags_of(r.tree() / "log");
    if (flags < 0 || !set_flags(r.tree() / "inner" / "file", flags | FS_IMMUTABLE_FL))
        SKIP("files cannot be made immutable here");
    CHECK(set_flags(r.tree() / "log", flags | FS_APPEND_FL));
    CHECK(set_flags(r.tree() / "inner", flags_of(r.tree() / "inner") | FS_IMMUTABLE_FL));
    r.check_gone();
}

TEST_CASE("what may not be read, entered or changed goes, without root too") {
    const bool as_user = GENERATE(false, true);
    if (as_user && ::geteuid() != 0)
        SKIP("this has been done already");
    removal r;
    files::create_directories(r.tree() / "a" / "b" / "c");
    write(r.tree() / "a" / "b" / "file", "text");
    for (const auto& entry : {"a/b/file", "a/b/c", "a/b", "a", "."}) {
        if (as_user)
            REQUIRE(::chown((r.tree() / entry).c_str(), 12345, 12345) == 0);
        files::permissions(r.tree() / entry, files::perms::none);
    }
    if (!as_user)
        return r.check_gone();
    REQUIRE(::chown(r.tree().parent_path().c_str(), 12345, 12345) == 0);
    CHECK(in_a_child([&r] {
              if (::setresuid(12345, 12345, 12345) != 0)
                  return 1;
              return r.run().residue.empty() ? 0 : 2;
          }) == 0);
    CHECK_FALSE(files::exists(r.tree()));
    r.check_canary();
}

TEST_CASE("a tree of ten thousand folders in one another goes") {
    removal r;
    descriptor at{::open(r.tree().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    for (int depth = 0; depth < 10'000; ++depth) {
        REQUIRE(::mkdirat(at.get(), "folder", 0700) == 0);
        at = descriptor{::openat(at.get(), "folder", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    }
    at.reset();
    auto report = r.run();
    CHECK(report.residue.empty());
    CHECK(report.files >= 10'001);
    CHECK_FALSE(files::exists(r.tree()));
    r.check_canary();
}

TEST_CASE("names of 255 bytes, of bytes that are no text, and of control characters go") {
    removal r;
    for (const auto& name :
         {std::string(255, 'n'), std::string{"\xff\xfe\x80"}, std::string{"new\nline"}, std::string{"-rf"},
          std::string{" "}, std::string{"..."}, std::string{"\x1b[2J"}}) {
        write(r.tree() / name, "text");
        files::create_directories(r.tree() / "folders" / name);
    }
    r.check_gone();
}

TEST_CASE("pipes, sockets and devices go without being opened") {
    removal r;
    REQUIRE(::mknod((r.tree() / "pipe").c_str(), S_IFIFO | 0600, 0) == 0);
    REQUIRE(::mknod((r.tree() / "socket").c_str(), S_IFSOCK | 0600, 0) == 0);
    (void)::mknod((r.tree() / "device").c_str(), S_IFCHR | 0600, ::makedev(1, 3)); // where root may
    r.check_gone();
}

TEST_CASE("a hundred thousand files go, and are counted") {
    removal r;
    constexpr int each = 1000;
    for (int folder = 0; folder < 100; ++folder) {
        auto path = r.tree() / std::to_string(folder);
        files::create_directory(path);
        descriptor at{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        for (int file = 0; file < each; ++file)
            descriptor{::openat(at.get(), std::to_string(file).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)}
                .reset();
    }
    auto report = r.run();
    CHECK(report.residue.empty());
    CHECK(report.files == 100 * each + 100 + 1);
    CHECK_FALSE(files::exists(r.tree()));
    r.check_canary();
}

TEST_CASE("what is mounted inside is left alone and named, and the rest goes") {
    if (::geteuid() != 0)
        SKIP("only root mounts");
    removal r;
    files::create_directories(r.tree() / "mounted");
    files::create_directories(r.tree() / "other");
    write(r.tree() / "over", "text");
    // A namespace of its own: no other process sees these mounts, and they end with it.
    auto status = in_a_child([&r] {
        if (::unshare(CLONE_NEWNS) != 0 || make_mounts_private() != 0)
            return 1;
        if (::mount(r.canary().c_str(), (r.tree() / "mounted").c_str(), nullptr, MS_BIND, nullptr) != 0 ||
            ::mount((r.canary() / "file").c_str(), (r.tree() / "over").c_str(), nullptr, MS_BIND, nullptr) !=
                0)
            return 2;
        auto report = r.run();
        if (report.residue.size() != 3) // both, and the tree for their sake
            return 3;
        return files::exists(r.tree() / "other") ? 4 : 0;
    });
    CHECK(status == 0);
    r.check_canary();
    r.check_gone();
}

TEST_CASE("a full disk does not keep anything from going") {
    if (::geteuid() != 0)
        SKIP("only root mounts");
    temporary_folder place;
    auto status = in_a_child([&place] {
        if (::unshare(CLONE_NEWNS) != 0 || make_mounts_private() != 0 ||
            ::mount("small", place.path().c_str(), "tmpfs", 0, "size=1m,nr_inodes=300") != 0)
            return 1;
        auto tree = place.path() / "tree";
        files::create_directories(tree / "a" / "b");
        write(tree / "large", std::string(2 << 20, 'x')); // is cut where the disk is full
        for (int i = 0; std::ofstream{tree / "a" / std::to_string(i)}; ++i) {
        }
        descriptor parent{::open(place.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (!remove_tree(parent, "tree").residue.empty())
            return 2;
        return files::exists(tree) ? 3 : 0;
    });
    CHECK(status == 0);
}
