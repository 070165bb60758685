// SPDX-License-Identifier: MIT
// A later start undoes a folder of which only the journal knows: what is ours goes, whatever a command has
// done to it, what may be another user's stays as it is, and either way the report says the truth.
#include "system/launcher/helper_process.hpp"
#include "system/random_identifier.hpp"
#include "system/storage/owner_marker.hpp"
#include "system/storage/storage_root.hpp"
#include "tests/support/fault_hook.hpp"
#include "tests/system/storage/removal_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <linux/fs.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fcntl.h>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;

namespace {

constexpr const char* our_owner = "/state/of/ours";

/// A storage root with one environment's folder in it, and a canary beside the root.
class left_folder {
public:
    explicit left_folder(std::string name = random_identifier()) : name_(std::move(name)) {
        files::create_directories(storage() / "work");
        write(storage() / "work" / "file", "text");
        mark(our_owner);
    }

    files::path root() const { return r.root() / "root"; }
    files::path folder() const { return root() / name_; }
    files::path storage() const { return folder() / storage_folder_name; }
    files::path marker() const { return folder() / owner_marker_name; }

    void mark(const std::string& owner) const {
        files::remove_all(marker());
        if (!owner.empty())
            write(marker(), owner);
    }
    protocol::ended undo() const { return carry_out({{folder().string()}, our_owner, {}, {}}); }

    /// As the user that everything belongs to, where `ordinary`; else as who runs the tests.
    int undo_as(bool ordinary, const std::function<int(const protocol::ended&)>& look) const {
        if (ordinary)
            REQUIRE(::chown(r.root().c_str(), ordinary_user, ordinary_user) == 0);
        return in_a_child([&] { return !ordinary || become_ordinary_user() ? look(undo()) : 98; });
    }

    void check_gone() const {
        auto ended = undo();
        std::string left;
        for (const auto& item : ended.residue)
            left += item.kind + " " + item.name + ": " + item.why + "\n";
        CHECK(left.empty());
        CHECK_FALSE(files::exists(files::symlink_status(folder())));
        r.check_canary();
    }
    void check_left_alone() const {
        const auto before = picture_of(root());
        auto ended = undo();
        REQUIRE(ended.residue.size() == 1);
        CHECK(ended.residue.front().name == folder().string());
        CHECK_FALSE(ended.residue.front().why.empty());
        CHECK(ended.files_removed == 0);
        CHECK(picture_of(root()) == before);
        r.check_canary();
    }

    removal r;

private:
    std::string name_;
};

int is_clean(const protocol::ended& ended) {
    return ended.residue.empty() ? 0 : 1;
}

void skip_without_root() {
    if (::geteuid() != 0)
        SKIP("root alone can be another user, mount and make devices here");
}

} // namespace

TEST_CASE("a folder that its command has closed goes with its user's next start") {
    skip_without_root();
    left_folder f;
    const auto closed = GENERATE(0, 1, 2, 3);
    give_to_ordinary_user(f.root());
    if (closed == 0 || closed == 3)
        files::permissions(f.marker(), files::perms::none);
    if (closed == 1 || closed == 3)
        files::permissions(f.storage(), files::perms::none);
    if (closed >= 2)
        files::permissions(f.folder(), files::perms::none);
    CHECK(f.undo_as(true, is_clean) == 0);
    CHECK_FALSE(files::exists(f.folder()));
    f.r.check_canary();
}

TEST_CASE("a folder without a marker goes, where no other user can have made it") {
    left_folder f;
    f.mark("");
    f.check_gone();
}

TEST_CASE("a folder whose marker is empty or no file goes like one without, and nothing is waited for") {
    left_folder f;
    f.mark("");
    SECTION("empty") {
        write(f.marker(), "");
    }
    SECTION("a pipe") {
        REQUIRE(::mkfifo(f.marker().c_str(), 0600) == 0);
    }
    SECTION("a link to a canary") {
        files::create_symlink(f.r.canary() / "file", f.marker());
    }
    SECTION("a folder") {
        files::create_directories(f.marker() / "inner");
    }
    SECTION("a device") {
        skip_without_root();
        if (::mknod(f.marker().c_str(), S_IFCHR | 0600, ::makedev(1, 5)) != 0)
            SKIP("no devices can be made here");
    }
    f.check_gone();
}

TEST_CASE("a folder is left as it is where it may be another user's") {
    SECTION("its marker says so") {
        left_folder f;
        f.mark("/state/of/another");
        f.check_left_alone();
    }
    SECTION("its marker is longer than any of ours") {
        left_folder f;
        f.mark(our_owner + std::string(5000, 'x'));
        f.check_left_alone();
    }
    SECTION("it has no marker and no name of ours") {
        left_folder f{"precious"};
        f.mark("");
        f.check_left_alone();
    }
    SECTION("it has no marker, and others may write to the root") {
        left_folder f;
        f.mark("");
        files::permissions(f.root(), files::perms{0777});
        f.check_left_alone();
    }
    SECTION("it has no marker and belongs to another user") {
        skip_without_root();
        left_folder f;
        f.mark("");
        REQUIRE(::chown(f.folder().c_str(), ordinary_user, ordinary_user) == 0);
        f.check_left_alone();
    }
    SECTION("it is a link") {
        left_folder f;
        files::remove_all(f.folder());
        files::create_directory_symlink(f.r.canary(), f.folder());
        f.check_left_alone();
    }
    SECTION("it is a file") {
        left_folder f;
        files::remove_all(f.folder());
        write(f.folder(), "text");
        f.check_left_alone();
    }
}

TEST_CASE("a closed folder that carries another owner's marker keeps its mode") {
    skip_without_root();
    left_folder f;
    f.mark("/state/of/another");
    give_to_ordinary_user(f.root());
    files::permissions(f.marker(), files::perms::none);
    files::permissions(f.folder(), files::perms::none);
    const auto before = picture_of(f.root());
    CHECK(f.undo_as(true, [](const protocol::ended& ended) {
        return ended.residue.size() == 1 &&
                       ended.residue.front().why.find("another owner") != std::string::npos
                   ? 0
                   : 1;
    }) == 0);
    CHECK(picture_of(f.root()) == before);
}

TEST_CASE("a root that cannot be looked into is residue, and one that is not there is none") {
    left_folder f;
    SECTION("closed") {
        skip_without_root();
        give_to_ordinary_user(f.root());
        files::permissions(f.root(), files::perms::none);
        CHECK(f.undo_as(true, [](const auto& ended) { return ended.residue.size() == 1 ? 0 : 1; }) == 0);
        CHECK(files::exists(f.folder()));
    }
    SECTION("a link") {
        files::rename(f.root(), f.r.root() / "elsewhere");
        files::create_directory_symlink("elsewhere", f.root());
        CHECK(f.undo().residue.size() == 1);
        CHECK(files::exists(f.folder()));
    }
    SECTION("missing") {
        files::remove_all(f.root());
        CHECK(f.undo().residue.empty());
    }
}

TEST_CASE("what is mounted exactly on a folder or its storage keeps its content and is named") {
    skip_without_root();
    left_folder f;
    const bool on_storage = GENERATE(false, true);
    const auto place = on_storage ? f.storage() : f.folder();
    // Marked as ours, so that nothing but the mount can keep it.
    write(f.r.canary() / owner_marker_name, our_owner);
    f.r.remember_canary();
    CHECK(in_a_child([&] {
              if (!mounts_of_its_own() ||
                  ::mount(f.r.canary().c_str(), place.c_str(), nullptr, MS_BIND, nullptr) != 0)
                  return 1;
              auto ended = f.undo();
              if (ended.residue.empty() || ended.files_removed != 0)
                  return 2;
              const auto& left = ended.residue.front();
              return left.kind == "mount" && left.name == place.string() ? 0 : 3;
          }) == 0);
    f.r.check_canary();
    f.check_gone();
}

TEST_CASE("the root goes with its last folder, unless a process uses it") {
    left_folder f;
    SECTION("unused") {
        f.check_gone();
        CHECK_FALSE(files::exists(f.root()));
    }
    SECTION("unused, and the folder is gone already") {
        files::remove_all(f.folder());
        f.check_gone();
        CHECK_FALSE(files::exists(f.root()));
    }
    SECTION("a process holds it") {
        auto held = storage_root::open(f.root().string());
        REQUIRE(held);
        f.check_gone();
        CHECK(files::exists(f.root()));
    }
    SECTION("there is something else in it") {
        write(f.root() / "file", "text");
        f.check_gone();
        CHECK(files::exists(f.root() / "file"));
    }
}

TEST_CASE("a folder with every hazard in it goes, without root too, and a canary stays what it is") {
    const bool as_user = GENERATE(false, true);
    if (as_user)
        skip_without_root();
    left_folder f;
    const auto odd = std::string(255, '\xff');
    files::create_hard_link(f.r.canary() / "file", f.storage() / "hard");
    f.r.remember_canary();
    auto top = descriptor{::open(f.storage().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    make_deep(top, odd, 100, [&](int folder, int level) {
        (void)::symlinkat(f.r.canary().c_str(), folder, "link");
        (void)::mkfifoat(folder, "pipe", 0600);
        (void)::symlinkat("../../canary/closed", folder, odd.substr(1).c_str());
        if (as_user)
            REQUIRE(::fchown(folder, ordinary_user, ordinary_user) == 0);
        REQUIRE(::fchmod(folder, level % 3 == 0 ? 0 : 0555) == 0);
    });
    files::create_directories(f.storage() / "swapped" / "inner");
    if (as_user)
        for (const auto& path :
             {f.storage() / "swapped" / "inner", f.storage() / "swapped", f.storage() / "work" / "file",
              f.storage() / "work", f.storage(), f.marker(), f.folder(), f.root()})
            REQUIRE(::chown(path.c_str(), ordinary_user, ordinary_user) == 0);
    else
        (void)set_flags(f.storage() / "work" / "file", FS_IMMUTABLE_FL); // where there are such flags
    f.mark("");
    CHECK(f.undo_as(as_user, [&](const protocol::ended& first) {
        return first.residue.empty() || f.undo().residue.empty() ? 0 : 1;
    }) == 0);
    CHECK_FALSE(files::exists(f.folder()));
    f.r.check_canary();
}
