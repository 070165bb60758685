#include "system/storage/abandoned_folders.hpp"

#include "system/storage/owner_marker.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>

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

TEST_CASE("a marked folder that nobody holds is abandoned, and found by one finder at a time") {
    test::temporary_folder root;
    make_marked(root.path() / "a", "/somewhere/owner");
    auto found = abandoned_folders(root.path().string());
    REQUIRE(found.size() == 1);
    CHECK(found.front().path == (root.path() / "a").string());
    CHECK(found.front().owner == "/somewhere/owner");
    CHECK(abandoned_folders(root.path().string()).empty());
    found.clear();
    CHECK(abandoned_folders(root.path().string()).size() == 1);
}

TEST_CASE("a folder that is held, unmarked, half marked or a link is no abandoned one") {
    test::temporary_folder root;
    make_marked(root.path() / "held", "owner");
    auto held = folder_at(root.path() / "held");
    REQUIRE(::flock(held.get(), LOCK_SH | LOCK_NB) == 0);
    std::filesystem::create_directory(root.path() / "unmarked");
    make_marked(root.path() / "half", "");
    test::temporary_folder elsewhere;
    make_marked(elsewhere.path() / "b", "owner");
    std::filesystem::create_directory_symlink(elsewhere.path() / "b", root.path() / "link");
    CHECK(abandoned_folders(root.path().string()).empty());
    CHECK(abandoned_folders((root.path() / "missing").string()).empty());
}

TEST_CASE("an empty marker, which a crash has left, is removed, and one with an owner is not") {
    test::temporary_folder root;
    make_marked(root.path() / "half", "");
    make_marked(root.path() / "whole", "owner");
    auto parent = folder_at(root.path());
    remove_empty_marker(parent, "half");
    remove_empty_marker(parent, "whole");
    remove_empty_marker(parent, "missing");
    CHECK(std::filesystem::is_empty(root.path() / "half"));
    CHECK(read_owner_marker(parent, "whole") == "owner");
}
