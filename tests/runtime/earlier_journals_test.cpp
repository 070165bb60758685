// SPDX-License-Identifier: MIT
// Journals that versions before this one have left, as they wrote them: a start finishes them.
#include "tests/runtime/dead_runtime.hpp"
#include "tests/runtime/host.hpp"

#include "system/journal/ended_archive.hpp"
#include "system/limits/cgroup_tree.hpp"
#include "tests/support/places.hpp"

#include <gestvenv/known_environments.hpp>

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

using namespace gestvenv;

namespace {

const std::string ended = "0af3049b-0a96-443e-bbc8-8e4fd5a04989";
const std::string on_disk = "865412c3-a246-47ba-828b-da189f40a8ea";
const std::string in_memory = "05dd688d-c02c-44f9-9227-fc09d3cc9a0e";
const std::string young = "32f39270-7cbd-4f7e-b47b-e87107789b1a";

std::string fixture(const std::string& name) {
    std::ifstream file{std::string{test::source_folder} + "/tests/runtime/fixtures/" + name};
    std::ostringstream text;
    text << file.rdbuf();
    REQUIRE_FALSE(text.str().empty());
    return text.str();
}

// The groups that the journal names, where groups can be made; in a parent of the test's own.
class left_groups {
public:
    left_groups() : tree_(cgroup_tree::find()) {
        if (!tree_)
            return;
        if (auto made = tree_->make("gestvenv-test-" + std::to_string(::getpid())))
            apart_ = made->path();
        else
            return;
        for (const auto& id : {on_disk, in_memory})
            std::filesystem::create_directories(parent() / ("gestvenv-" + id.substr(0, 8)));
    }
    left_groups(const left_groups&) = delete;
    left_groups& operator=(const left_groups&) = delete;
    ~left_groups() {
        if (apart_.empty())
            return;
        for (const auto& id : {on_disk, in_memory})
            ::rmdir((parent() / ("gestvenv-" + id.substr(0, 8))).c_str());
        ::rmdir(parent().c_str());
        ::rmdir(apart_.c_str());
        tree_->tidy();
    }

    std::filesystem::path parent() const {
        return (apart_.empty() ? std::filesystem::path{"/nowhere"} : apart_) / "gestvenv";
    }

private:
    outcome<cgroup_tree> tree_;
    std::filesystem::path apart_;
};

} // namespace

TEST_CASE("a journal of format 1 is finished, and each environment's end is told as it was") {
    test::temporary_folder folder;
    test::dead_runtime dead{folder};
    left_groups groups;
    dead.write_journal(fixture("journal_of_format_1.sql"), groups.parent());
    const auto storage = {dead.leave_storage(on_disk), dead.leave_storage(young)};
    auto receipts = test::receipts_of_next_start(folder);
    REQUIRE(receipts.size() == 3);
    for (const auto& [id, receipt] : receipts) {
        INFO(id);
        CHECK(receipt.clean());
        CHECK(receipt.reason == cleanup_reason::orphaned);
    }
    CHECK(receipts.at(on_disk).environment_name == "on-disk");
    CHECK(receipts.at(on_disk).files_removed >= 3);
    CHECK(receipts.at(in_memory).environment_name == "in-memory");
    CHECK(receipts.at(young).environment_name == "young");
    for (const auto& path : storage)
        CHECK_FALSE(std::filesystem::exists(path));
    CHECK_FALSE(std::filesystem::exists(groups.parent()));
    CHECK_FALSE(std::filesystem::exists(dead.state()));
    std::map<std::string, cleanup_reason> causes;
    for (const auto& known : find_known_environments(folder.path() / "state").environments) {
        CHECK(known.state == known_state::ended);
        REQUIRE(known.receipt);
        causes.emplace(known.id, known.receipt->reason);
        if (known.id == ended) {
            CHECK(known.receipt->files_removed == 27);
            CHECK(known.receipt->bytes_removed == 36864);
            CHECK(known.receipt->mounts_removed == 1);
        }
    }
    CHECK(causes == std::map<std::string, cleanup_reason>{{ended, cleanup_reason::requested},
                                                          {on_disk, cleanup_reason::orphaned},
                                                          {in_memory, cleanup_reason::orphaned},
                                                          {young, cleanup_reason::orphaned}});
}

TEST_CASE("of a journal of format 1 is told what its environments hold") {
    test::temporary_folder folder;
    test::dead_runtime dead{folder};
    dead.write_journal(fixture("journal_of_format_1.sql"));
    std::map<std::string, std::vector<std::string>> held;
    for (const auto& known : find_known_environments(folder.path() / "state").environments)
        held.emplace(known.name, known.holds);
    using lines = std::vector<std::string>;
    CHECK(held == std::map<std::string, lines>{
                      {"ended", {}},
                      {"in-memory",
                       {"cgroup /nowhere/gestvenv/gestvenv-05dd688d", "keeper 21927", "detached_storage"}},
                      {"on-disk",
                       {"cgroup /nowhere/gestvenv/gestvenv-865412c3", "keeper 21924",
                        "storage_folder " + dead.storage_of(on_disk).string()}},
                      {"young", {"storage_folder " + dead.storage_of(young).string()}}});
}
