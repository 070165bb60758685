// SPDX-License-Identifier: MIT
// What makes a tree hard to remove, at the places where it is hardest: the folder itself, the level at which
// folders are moved up, and several hazards in one tree.
#include "tests/support/fault_hook.hpp"
#include "tests/system/storage/removal_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>
#include <utility>

using namespace gestvenv;
using namespace gestvenv::test;

namespace {

// Folders are moved up from here.
constexpr int level_of_moving = 32;
constexpr int deep = 100;

std::string odd_name() {
    return std::string(200, '\xfe') + std::string(55, '\n');
}

descriptor open_folder(const files::path& path) {
    return descriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

void add_flag(int file, int flag) {
    int flags = 0;
    (void)::ioctl(file, FS_IOC_GETFLAGS, &flags);
    flags |= flag;
    (void)::ioctl(file, FS_IOC_SETFLAGS, &flags); // only where there are such flags
}

void write_at(int folder, const std::string& name) {
    descriptor file{::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    (void)!::write(file.get(), "text", 4);
}

int left_by(const removal& r) {
    auto report = r.run();
    return report.residue.empty() && !files::exists(files::symlink_status(r.tree())) ? 0 : 2;
}

} // namespace

TEST_CASE("a deep tree whose folders may not be written to or entered goes, without root too") {
    const bool as_user = GENERATE(false, true);
    const auto mode = GENERATE(mode_t{0555}, mode_t{0000});
    if (as_user && ::geteuid() != 0)
        SKIP("this has been done already");
    removal r;
    make_deep(open_folder(r.tree()), odd_name(), deep, [&](int folder, int) {
        write_at(folder, odd_name() + "x");
        write_at(folder, "file");
        if (as_user)
            REQUIRE((::fchownat(folder, "file", ordinary_user, ordinary_user, 0) == 0 &&
                     ::fchown(folder, ordinary_user, ordinary_user) == 0));
        REQUIRE(::fchmod(folder, mode) == 0);
    });
    if (!as_user)
        return r.check_gone();
    REQUIRE(::chown(r.tree().c_str(), ordinary_user, ordinary_user) == 0);
    REQUIRE(::chown(r.root().c_str(), ordinary_user, ordinary_user) == 0);
    CHECK(in_a_child([&r] { return become_ordinary_user() ? left_by(r) : 1; }) == 0);
    r.check_canary();
    r.check_gone();
}

TEST_CASE("a deep tree that is immutable where its folders are moved up goes") {
    removal r;
    bool immutable = false;
    make_deep(open_folder(r.tree()), "folder", deep, [&](int folder, int level) {
        if (level != level_of_moving)
            return;
        add_flag(folder, FS_IMMUTABLE_FL);
        int flags = 0;
        immutable =
            ::ioctl(folder, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_IMMUTABLE_FL) == FS_IMMUTABLE_FL;
    });
    if (!immutable)
        SKIP("folders cannot be made immutable here");
    r.check_gone();
}

TEST_CASE("a tree whose top is immutable goes") {
    removal r;
    write(r.tree() / "file", "text");
    add_flag(open_folder(r.tree()).get(), FS_IMMUTABLE_FL);
    r.check_gone();
}

TEST_CASE("a deep tree that has the names which its folders are moved to goes") {
    removal r;
    for (int number = 0; number < 10; ++number) {
        auto name = ".gestvenv-deep-" + std::to_string(number);
        if (number % 2 == 0)
            files::create_directories(r.tree() / name / "inner");
        else
            write(r.tree() / name, "text");
    }
    make_deep(open_folder(r.tree()), "folder", deep, [](int, int) {});
    r.check_gone();
}

TEST_CASE("what is mounted on the folder itself is left alone and named") {
    if (::geteuid() != 0)
        SKIP("only root mounts");
    removal r;
    write(r.tree() / "below", "text");
    auto status = in_a_child([&r] {
        if (!mounts_of_its_own() ||
            ::mount(r.canary().c_str(), r.tree().c_str(), nullptr, MS_BIND, nullptr) != 0)
            return 1;
        auto report = r.run();
        if (report.files != 0 || report.residue.size() != 1)
            return 2;
        const auto& left = report.residue.front();
        return left.kind == "mount" && left.name.empty() ? 0 : 3;
    });
    CHECK(status == 0);
    CHECK(files::exists(r.tree() / "below"));
    r.check_canary();
    r.check_gone();
}

TEST_CASE("a folder below an immutable one that becomes a link outside leads nowhere") {
    removal r;
    auto inner = r.tree() / "immutable" / odd_name();
    files::create_directories(inner / odd_name());
    add_flag(open_folder(r.tree() / "immutable").get(), FS_IMMUTABLE_FL);
    int found = 0;
    fault_hook swap{"removal: has found a folder", [&] {
                        if (++found != 2) // the immutable one has been opened, the one in it not yet
                            return;
                        files::rename(inner, r.tree() / "immutable" / "moved");
                        files::create_directory_symlink(r.canary(), inner);
                    }};
    (void)r.run(); // a name that was not there when it was read may be left
    CHECK(found >= 2);
    r.check_canary();
    if (files::exists(r.tree()))
        r.check_gone();
}

TEST_CASE("a deep tree of closed folders with odd names goes from a full disk, without root too") {
    if (::geteuid() != 0)
        SKIP("only root mounts");
    const bool as_user = GENERATE(false, true);
    temporary_folder place;
    auto status = in_a_child([&] {
        if (!mounts_of_its_own() ||
            ::mount("small", place.path().c_str(), "tmpfs", 0, "size=1m,nr_inodes=600,mode=0700") != 0)
            return 1;
        auto tree = place.path() / "tree";
        auto canary = place.path() / "canary";
        files::create_directories(tree);
        files::create_directories(canary);
        write(canary / "file", "text");
        const auto before = picture_of(canary);
        make_deep(open_folder(tree), odd_name(), deep, [&](int folder, int level) {
            write_at(folder, odd_name().substr(1));
            (void)::symlinkat(canary.c_str(), folder, "link");
            if (as_user)
                (void)::fchown(folder, ordinary_user, ordinary_user);
            (void)::fchmod(folder, level % 2 == 0 ? 0 : 0555);
        });
        write(tree / "large", std::string(2 << 20, 'x')); // is cut where the disk is full
        descriptor top = open_folder(tree);
        for (int i = 0;
             descriptor{::openat(top.get(), std::to_string(i).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
             ++i) {
        }
        descriptor parent = open_folder(place.path());
        if (as_user && (::chown(tree.c_str(), ordinary_user, ordinary_user) != 0 ||
                        ::chown(place.path().c_str(), ordinary_user, ordinary_user) != 0 ||
                        ::chown(canary.c_str(), ordinary_user, ordinary_user) != 0))
            return 2;
        const auto owned = as_user ? picture_of(canary) : before;
        if (as_user && !become_ordinary_user())
            return 3;
        if (!remove_tree(parent, "tree").residue.empty() || files::exists(tree))
            return 4;
        return picture_of(canary) == owned ? 0 : 5;
    });
    CHECK(status == 0);
}
