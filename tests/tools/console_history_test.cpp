// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/line_history.hpp"

#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace gestvenv::cli;
using namespace gestvenv::test;

namespace {

using texts = std::vector<std::string>;

texts lines_in(const std::filesystem::path& file) {
    line_history history{file};
    REQUIRE(history.load());
    return history.lines();
}

} // namespace

TEST_CASE("lines are there at the next start, whatever is in them, and for their user alone") {
    temporary_folder folder;
    const auto file = folder.path() / "state" / "history";
    line_history history{file};
    REQUIRE(history.load());
    for (const char* line : {"list", "run sh -c 'a\nb'", "show \\n\\", "é"})
        REQUIRE(history.add(line));
    CHECK(lines_in(file) == texts{"list", "run sh -c 'a\nb'", "show \\n\\", "é"});
    struct stat found {};
    REQUIRE(::stat(file.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("a line that begins with a space, is repeated, or is too long is not kept") {
    temporary_folder folder;
    const auto file = folder.path() / "history";
    line_history history{file};
    for (const std::string& line : {std::string{"list"}, std::string{"list"}, std::string{" create secret"},
                                    std::string{}, std::string(line_history::longest_line + 1, 'x')})
        REQUIRE(history.add(line));
    CHECK(history.lines() == texts{"list"});
    CHECK(lines_in(file) == texts{"list"});
}

TEST_CASE("two consoles add to one file, and it is cut where it has grown to twice what is kept") {
    temporary_folder folder;
    const auto file = folder.path() / "history";
    line_history one{file};
    line_history other{file};
    for (std::size_t count = 0; count < line_history::most_lines; ++count) {
        REQUIRE(one.add("one " + std::to_string(count)));
        REQUIRE(other.add("other " + std::to_string(count)));
    }
    const auto long_size = std::filesystem::file_size(file);
    auto lines = lines_in(file);
    CHECK(lines.size() == line_history::most_lines);
    CHECK(lines.back() == "other 999");
    CHECK(std::filesystem::file_size(file) < long_size);
    CHECK(lines_in(file) == lines);
}

TEST_CASE("a history that others could read is theirs no more, and what is no file is refused") {
    temporary_folder folder;
    const auto file = folder.path() / "history";
    std::ofstream{file} << "list\n";
    std::filesystem::permissions(file, std::filesystem::perms{0644});
    CHECK(lines_in(file) == texts{"list"});
    CHECK(std::filesystem::status(file).permissions() == std::filesystem::perms{0600});
    const auto link = folder.path() / "link";
    std::filesystem::create_symlink(file, link);
    line_history through{link};
    CHECK_FALSE(through.load());
    line_history over_folder{folder.path()};
    CHECK_FALSE(over_folder.load());
}

TEST_CASE("what is cleared is gone from memory and from the disk") {
    temporary_folder folder;
    line_history history{folder.path() / "history"};
    REQUIRE(history.add("list"));
    REQUIRE(history.clear());
    CHECK(history.lines().empty());
    CHECK_FALSE(std::filesystem::exists(folder.path() / "history"));
    CHECK(history.clear());
}
