// SPDX-License-Identifier: MIT
#include "system/journal/ended_archive.hpp"

#include "system/journal/boot.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include <fstream>
#include <thread>

using namespace gestvenv;

namespace {

environment_entry ended(const std::string& id, cleanup_reason cause = cleanup_reason::ttl_expired) {
    environment_entry entry;
    entry.id = id;
    entry.info = {{"name", "of " + id}};
    entry.started_at = std::chrono::system_clock::time_point{std::chrono::seconds{1000}};
    auto& end = entry.end.emplace();
    end.at = entry.started_at + std::chrono::seconds{5};
    end.since_boot = time_since_boot();
    end.boot_id = boot_id();
    end.cause = cause;
    end.receipt = {{"residue", nlohmann::json::array()}};
    return entry;
}

std::vector<std::string> ids_in(const ended_archive& archive) {
    std::vector<std::string> ids;
    for (const auto& entry : archive.read())
        ids.push_back(entry.id);
    return ids;
}

std::filesystem::path file_of(const std::filesystem::path& root, const std::string& boot, std::int64_t hour) {
    return root / fmt::format("ended-{}-{}.jsonl", boot, hour);
}

std::int64_t this_hour() {
    return std::chrono::duration_cast<std::chrono::hours>(time_since_boot()).count();
}

} // namespace

TEST_CASE("how an environment ended is read back as it was added, in order") {
    test::temporary_folder folder;
    ended_archive archive{folder.path()};
    std::vector<environment_entry> some{ended("a"), ended("b", cleanup_reason::out_of_memory)};
    environment_entry living;
    living.id = "alive";
    some.push_back(living);
    REQUIRE(archive.add(some));
    REQUIRE(archive.add(std::vector{ended("c")}));
    auto read = archive.read();
    CHECK(ids_in(archive) == std::vector<std::string>{"a", "b", "c"});
    CHECK(read[1].end->cause == cleanup_reason::out_of_memory);
    CHECK(read[1].end->boot_id == boot_id());
    CHECK(read[1].end->at == some[1].end->at);
    CHECK(read[1].started_at == some[1].started_at);
    CHECK(read[1].info == some[1].info);
    CHECK(read[1].end->receipt == some[1].end->receipt);
}

TEST_CASE("what is torn is passed over, and what comes after it is not lost") {
    test::temporary_folder folder;
    ended_archive archive{folder.path()};
    REQUIRE(archive.add(std::vector{ended("a")}));
    std::ofstream{file_of(folder.path(), boot_id(), this_hour()), std::ios::app}
        << R"({"id":"torn","cause":"ttl_ex)";
    REQUIRE(archive.add(std::vector{ended("b")}));
    CHECK(ids_in(archive) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("ends are kept for an hour at least and for three at most, whatever the wall clock says") {
    test::temporary_folder folder;
    // A machine that has just started has no such hours yet.
    static constexpr std::int64_t now = 100;
    ended_archive archive{folder.path(),
                          +[]() noexcept -> std::chrono::microseconds { return std::chrono::hours{now}; }};
    for (auto hour : {now - 3, now - 2, now - 1})
        std::ofstream{file_of(folder.path(), boot_id(), hour)};
    std::ofstream{folder.path() / "ended-of-another"};
    REQUIRE(archive.add(std::vector{ended("a")}));
    CHECK_FALSE(std::filesystem::exists(file_of(folder.path(), boot_id(), now - 3)));
    CHECK_FALSE(std::filesystem::exists(file_of(folder.path(), boot_id(), now - 2)));
    CHECK(std::filesystem::exists(file_of(folder.path(), boot_id(), now - 1)));
    CHECK(std::filesystem::exists(folder.path() / "ended-of-another"));
}

TEST_CASE("the ends of another boot are the older ones") {
    test::temporary_folder folder;
    ended_archive archive{folder.path()};
    REQUIRE(archive.add(std::vector{ended("here")}));
    auto ours = file_of(folder.path(), boot_id(), this_hour());
    REQUIRE(archive.read().size() == 1);
    std::filesystem::rename(ours, file_of(folder.path(), "00000000-0000-4000-8000-000000000000", 999999));
    CHECK(ids_in(archive) == std::vector<std::string>{"here"});
    std::filesystem::copy(file_of(folder.path(), "00000000-0000-4000-8000-000000000000", 999999), ours);
    CHECK(ids_in(archive) == std::vector<std::string>{"here", "here"});
}

TEST_CASE("a file of an hour does not grow without end: the half before it is kept") {
    test::temporary_folder folder;
    ended_archive archive{folder.path()};
    REQUIRE(archive.add(std::vector{ended("before")}));
    auto file = file_of(folder.path(), boot_id(), this_hour());
    std::filesystem::resize_file(file, ended_archive::most_bytes);
    REQUIRE(archive.add(std::vector{ended("after")}));
    CHECK(std::filesystem::file_size(file) < 10000);
    CHECK(ids_in(archive) == std::vector<std::string>{"before", "after"});
}

TEST_CASE("several processes' worth of additions at the same time are all there") {
    test::temporary_folder folder;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&folder, i] {
            ended_archive archive{folder.path()};
            for (int j = 0; j < 50; ++j)
                (void)archive.add(std::vector{ended(fmt::format("{}-{}", i, j))});
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(ids_in(ended_archive{folder.path()}).size() == 200);
}

TEST_CASE("a link in the place of an archive is not followed") {
    test::temporary_folder folder;
    auto secret = folder.path() / "secret";
    std::ofstream{secret} << "mine";
    std::filesystem::create_symlink(secret, file_of(folder.path(), boot_id(), this_hour()));
    auto added = ended_archive{folder.path()}.add(std::vector{ended("a")});
    REQUIRE_FALSE(added);
    CHECK(std::filesystem::file_size(secret) == 4);
}
