// SPDX-License-Identifier: MIT
#include "system/storage/storage_root.hpp"

#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <sys/stat.h>

using namespace gestvenv;
using test::temporary_folder;

namespace {

struct places {
    temporary_folder scratch;
    std::string root = (scratch.path() / "root").string();
    std::string spare = (scratch.path() / "spare").string();

    storage_root opened() const {
        auto result = storage_root::open(root, spare);
        if (!result)
            FAIL(render(result.error()));
        std::filesystem::create_directory(std::filesystem::path{root} / attach_folder);
        return std::move(*result);
    }
};

ino_t inode_of(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

} // namespace

TEST_CASE_METHOD(places, "an empty root goes to its spare place with the last one, and comes from there") {
    auto first = std::make_unique<storage_root>(opened());
    auto second = std::make_unique<storage_root>(opened());
    const auto folder = inode_of(root);
    first.reset();
    CHECK(inode_of(root) == folder);
    second.reset();
    CHECK_FALSE(std::filesystem::exists(root));
    CHECK(inode_of(spare) == folder);
    auto third = opened();
    CHECK(inode_of(root) == folder);
    CHECK_FALSE(std::filesystem::exists(spare));
}

TEST_CASE_METHOD(places, "a root in which something is stays where it is") {
    std::string path;
    SECTION("beside the folder that storage is attached to") {
        path = root + "/something";
    }
    SECTION("in it") {
        path = root + "/" + attach_folder + "/something";
    }
    {
        auto held = opened();
        std::ofstream{path} << "x";
    }
    CHECK(std::filesystem::exists(path));
    CHECK_FALSE(std::filesystem::exists(spare));
}

TEST_CASE_METHOD(places, "without a spare place, or with one that is taken, an empty root is removed") {
    SECTION("without") {
        spare.clear();
    }
    SECTION("taken") {
        std::filesystem::create_directory(spare);
        std::ofstream{spare + "/file"} << "x";
        std::filesystem::create_directory(root);
    }
    SECTION("on another file system") {
        spare = "/proc/spare-root-of-a-test";
    }
    opened();
    CHECK_FALSE(std::filesystem::exists(root));
}
