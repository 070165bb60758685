// SPDX-License-Identifier: MIT
// A storage that could not be made as a whole: nothing of it stays, or what stays is said and can be found.
#include "system/launcher/environment_storage.hpp"
#include "system/random_identifier.hpp"
#include "system/storage/orphaned_folders.hpp"
#include "system/storage/owner_marker.hpp"
#include "tests/support/fault_hook.hpp"
#include "tests/system/storage/removal_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/mount.h>

#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;

namespace {

struct half_made {
    removal r;
    protocol::create request;
    std::string root = (r.root() / "root").string();
    files::path storage;

    half_made() {
        request.environment_id = random_identifier();
        request.storage = storage_backend::memory;
        request.owner_marker = "owner";
        storage = files::path{root} / request.environment_id / storage_folder_name;
    }

    outcome<environment_storage> make() {
        return make_storage(request, nullptr, {}, [this]() -> outcome<std::shared_ptr<storage_root>> {
            auto opened = storage_root::open(root);
            if (!opened)
                return failure(opened.error());
            return std::make_shared<storage_root>(std::move(*opened));
        });
    }
};

} // namespace

TEST_CASE("of a storage that cannot be filled nothing stays") {
    half_made h;
    fault_hook in_the_way{"launcher: is about to fill a storage",
                          [&] { write(h.storage / "work", "a file in the place of a folder"); }};
    auto made = h.make();
    REQUIRE_FALSE(made);
    CHECK(made.error().message.find("left behind") == std::string::npos);
    CHECK_FALSE(files::exists(h.root));
}

TEST_CASE("what stays of a storage that cannot be filled is said, and is an orphaned folder afterwards") {
    if (::geteuid() != 0)
        SKIP("only root mounts");
    half_made h;
    auto status = in_a_child([&] {
        if (!mounts_of_its_own())
            return 1;
        bool mounted = false;
        fault_hook in_the_way{"launcher: is about to fill a storage", [&] {
                                  files::create_directories(h.storage / "work");
                                  mounted = ::mount(h.r.canary().c_str(), (h.storage / "work").c_str(),
                                                    nullptr, MS_BIND, nullptr) == 0;
                              }};
        auto made = h.make();
        if (!mounted || made)
            return 2;
        return made.error().message.find("left behind: mount " + (h.storage / "work").string()) !=
                       std::string::npos
                   ? 0
                   : 3;
    });
    CHECK(status == 0);
    h.r.check_canary();
    auto found = orphaned_folders(h.root);
    REQUIRE(found.size() == 1);
    CHECK(found.front().path == h.storage.parent_path().string());
    CHECK(found.front().owner == "owner");
}
