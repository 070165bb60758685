// SPDX-License-Identifier: MIT
// What is mounted from outside in an environment's storage, where the environment sees the host's mounts: it
// is not ours to take away, so it is named, its content stays, and once it is gone a later attempt ends
// clean.
#include "tests/support/machine_fixture.hpp"
#include "tests/system/storage/removal_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sys/mount.h>

#include <algorithm>
#include <future>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;

namespace {

struct mounted_inside {
    const char* what;
    /// On this folder of the storage.
    const char* where;
    /// A tmpfs, or else the canary, so many times on one another.
    bool tmpfs;
    int times;
};

const mounted_inside each_mount() {
    return GENERATE(mounted_inside{"a tmpfs", "work/inner", true, 1},
                    mounted_inside{"tmpfs on one another", "work/inner", true, 3},
                    mounted_inside{"a folder of the host's, over one of ours", "home", false, 1},
                    mounted_inside{"a folder of the host's, over all of the storage", "", false, 1});
}

struct teardowns {
    bool mounted = false;
    bool content_stayed = false;
    outcome<protocol::ended> while_mounted = protocol::ended{};
    outcome<protocol::ended> afterwards = protocol::ended{};
    bool storage_is_gone = false;
    std::string place;
};

teardowns tear_down_with(const mounted_inside& one, containment limit, const removal& r) {
    teardowns result;
    if (!mounts_of_its_own())
        return result;
    machine_fixture f{limit, storage_backend::memory};
    files::path place = f.created.host_path;
    if (*one.where != '\0')
        place /= one.where;
    result.place = place.string();
    files::create_directories(place);
    result.mounted = true;
    for (int i = 0; i < one.times; ++i)
        result.mounted = result.mounted && (one.tmpfs ? ::mount("test", place.c_str(), "tmpfs", 0, "size=1m")
                                                      : ::mount(r.canary().c_str(), place.c_str(), nullptr,
                                                                MS_BIND, nullptr)) == 0;
    if (one.tmpfs)
        write(place / "precious", "text");
    result.while_mounted = f.end();
    result.content_stayed = files::exists(place / (one.tmpfs ? "precious" : "file"));
    for (int i = 0; i < one.times; ++i)
        ::umount2(place.c_str(), 0);
    result.afterwards = f.end();
    result.storage_is_gone = !files::exists(f.created.host_path);
    return result;
}

} // namespace

TEST_CASE("what is mounted inside a storage is named as residue and keeps its content") {
    if (::geteuid() != 0)
        SKIP("only root mounts");
    removal r;
    const auto one = each_mount();
    CAPTURE(one.what);
    const auto limit = each_containment();
    // A thread of its own has mounts of its own, and so has the launcher that it starts.
    const auto ends = std::async(std::launch::async, tear_down_with, one, limit, std::cref(r)).get();
    REQUIRE(ends.mounted);
    REQUIRE(ends.while_mounted);
    const auto& left = ends.while_mounted->residue;
    CHECK(std::any_of(left.begin(), left.end(), [&](const residue& item) {
        return item.kind == "mount" && item.name == ends.place && !item.why.empty();
    }));
    CHECK(ends.content_stayed);
    r.check_canary();
    REQUIRE(ends.afterwards);
    CHECK(ends.afterwards->residue.empty());
    CHECK(ends.storage_is_gone);
}
