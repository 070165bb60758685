// SPDX-License-Identifier: MIT
#include "net/observability/node_log.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <thread>

using namespace gestvenv;
using namespace gestvenv::test;

namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

log_line numbered(int number) {
    log_line line;
    line.at = std::chrono::system_clock::now();
    line.message = "line " + std::to_string(number);
    return line;
}

} // namespace

TEST_CASE("what comes faster than it is written is dropped, counted and said, and no caller waits") {
    const temporary_folder folder;
    log_settings settings;
    settings.file = folder.path() / "node.log";
    settings.queue = 2;
    settings.largest_file = std::size_t{64} << 20;
    constexpr int many = 20'000;
    std::uint64_t dropped = 0;
    {
        auto log = open_node_log(settings);
        REQUIRE(log);
        for (int number = 0; number < many; ++number)
            (*log)->write(numbered(number));
        dropped = (*log)->dropped();
        // The line that says so waits like any other.
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        for (int number = many;
             text_of(settings.file).find("lines of this log were dropped") == std::string::npos &&
             std::chrono::steady_clock::now() < until;
             ++number) {
            (*log)->write(numbered(number));
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
    }
    CHECK(dropped > 0);
    CHECK(text_of(settings.file).find("lines of this log were dropped") != std::string::npos);
    const auto text = text_of(settings.file);
    const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    CHECK(lines >= 1);
    CHECK(lines < many);
    struct stat status {};
    REQUIRE(::stat(settings.file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a level that is not wanted is not written") {
    const temporary_folder folder;
    log_settings settings;
    settings.file = folder.path() / "node.log";
    settings.level = log_level::warning;
    {
        auto log = open_node_log(settings);
        REQUIRE(log);
        CHECK_FALSE((*log)->takes(log_level::info));
        CHECK((*log)->takes(log_level::error));
        (*log)->write(numbered(1));
        auto bad = numbered(2);
        bad.level = log_level::error;
        (*log)->write(bad);
    }
    const auto text = text_of(settings.file);
    CHECK(text.find("line 1") == std::string::npos);
    CHECK(text.find("line 2") != std::string::npos);
}

TEST_CASE("a log that cannot be opened is an error that names it") {
    log_settings settings;
    settings.file = "/proc/no/such/folder/node.log";
    auto log = open_node_log(settings);
    REQUIRE_FALSE(log);
    CHECK(log.error().message.find("/proc/no/such/folder/node.log") != std::string::npos);
}
