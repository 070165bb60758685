// SPDX-License-Identifier: MIT
#include "runtime/configuration_document.hpp"
#include "runtime/configuration_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sys/stat.h>
#include <thread>
#include <vector>

using namespace gestvenv;

namespace {

std::string with(const std::string& text, const std::string& key, const nlohmann::json& value) {
    auto changed = with_value(text, "file", key, value);
    if (!changed)
        FAIL(render(changed.error()));
    return *changed;
}

std::string without(const std::string& text, const std::string& key) {
    auto changed = without_value(text, "file", key);
    if (!changed)
        FAIL(render(changed.error()));
    return *changed;
}

std::string content(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

} // namespace

TEST_CASE("setting a key replaces its value and nothing around it") {
    CHECK(with("# top\n[ephemeral] # here\ndefault_ttl=5 # five\nmax_concurrent = 7\n", "default_ttl", 60) ==
          "# top\n[ephemeral] # here\ndefault_ttl=60 # five\nmax_concurrent = 7\n");
    CHECK(with("[ephemeral]\na = \"\xc3\xa4\xc3\xb6\" # \xc3\xbc\n", "a", "x") ==
          "[ephemeral]\na = " + toml_text("x") + " # \xc3\xbc\n");
    CHECK(with("ephemeral = { a = 1, b = 2 }\n", "a", 3) == "ephemeral = { a = 3, b = 2 }\n");
    CHECK(with("ephemeral.a = 1\n", "a", true) == "ephemeral.a = true\n");
    CHECK(with("[ephemeral]\r\na = 1\r\nb = 2\r\n", "a", 3) == "[ephemeral]\r\na = 3\r\nb = 2\r\n");
}

TEST_CASE("a new key stands at the end of its table") {
    CHECK(with("", "a", 1) == "[ephemeral]\na = 1\n");
    CHECK(with("# only a comment", "a", 1) == "# only a comment\n\n[ephemeral]\na = 1\n");
    CHECK(with("[ephemeral]\n", "a", 1) == "[ephemeral]\na = 1\n");
    CHECK(with("[ephemeral]\n", "a", 0.25) == "[ephemeral]\na = 0.25\n");
    CHECK(with("[ephemeral]", "a", 1) == "[ephemeral]\na = 1\n");
    CHECK(with("[ephemeral]\nb = 2 # two\n# end\n", "a", 1) == "[ephemeral]\nb = 2 # two\na = 1\n# end\n");
    CHECK(with("[ephemeral]\nb = 2", "a", 1) == "[ephemeral]\nb = 2\na = 1\n");
    CHECK(with("[ephemeral]\nb = [\n 1,\n 2,\n]\n[other]\nc = 3\n", "a", 1) ==
          "[ephemeral]\nb = [\n 1,\n 2,\n]\na = 1\n[other]\nc = 3\n");
}

TEST_CASE("a key that is taken out goes with its line") {
    CHECK(without("[ephemeral]\na = 1 # one\n# kept\nb = 2\n", "a") == "[ephemeral]\n# kept\nb = 2\n");
    CHECK(without("[ephemeral]\na = \"\"\"x\ny\"\"\"\nb = 2\n", "a") == "[ephemeral]\nb = 2\n");
    CHECK(without("[ephemeral]\nb = 2\n", "a") == "[ephemeral]\nb = 2\n");
    CHECK(without("[ephemeral]\na = 1", "a") == "[ephemeral]\n");
    CHECK(without("", "a").empty());
}

TEST_CASE("a file whose layout cannot be changed in one place is left alone, and says so") {
    auto taken = without_value("ephemeral = { a = 1, b = 2 }\n", "file", "a");
    REQUIRE(!taken);
    CHECK(taken.error().message.find("cannot be changed without risk") != std::string::npos);
    auto added = with_value("ephemeral = { a = 1 }\n", "file", "b", 2);
    REQUIRE(!added);
    CHECK(added.error().code == error_code::invalid_argument);
    CHECK(!with_value("[ephemeral\n", "file", "b", 2));
    CHECK(!without_value("= 1", "file", "b"));
}

TEST_CASE("a value that is no text of TOML is refused, and the file stays as it is") {
    auto refused = with_value("[ephemeral]\na = 1\n", "file", "a", "\xff");
    REQUIRE(!refused);
    CHECK(refused.error().code == error_code::invalid_argument);
    CHECK(!with_value("[ephemeral]\n", "file", "a", std::numeric_limits<double>::infinity()));
}

TEST_CASE("what is written reads back as the same value") {
    auto text = GENERATE(as<std::string>{}, "", "plain", "a \"b\" 'c'", "back\\slash", "line\nbreak",
                         "\t\x01\x7F", "\xc3\xa4", "# no comment");
    auto entries = parse_configuration(with("", "a", text), "file");
    REQUIRE(entries);
    REQUIRE(entries->size() == 1);
    CHECK(entries->front().value == text);
}

TEST_CASE("the file is made with its folders, for its user alone") {
    test::temporary_folder folder;
    auto file = folder.path() / "a/b/config.toml";
    REQUIRE(change_configuration_file(
        file, [](const std::string& text) { return outcome<std::string>{text + "#\n"}; }));
    CHECK(content(file) == "#\n");
    struct stat found {};
    REQUIRE(::stat(file.c_str(), &found) == 0);
    CHECK((found.st_mode & 07777) == 0600);
    REQUIRE(::stat(file.parent_path().c_str(), &found) == 0);
    CHECK((found.st_mode & 07777) == 0700);
    CHECK(std::distance(std::filesystem::directory_iterator{file.parent_path()}, {}) == 1);
}

TEST_CASE("a change that fails leaves the file and its folder as they were") {
    test::temporary_folder folder;
    auto file = folder.path() / "config.toml";
    std::ofstream{file} << "old";
    CHECK(!change_configuration_file(file, [](const std::string&) -> outcome<std::string> {
        return failure(error_code::invalid_argument, "no");
    }));
    CHECK(content(file) == "old");
    CHECK(std::distance(std::filesystem::directory_iterator{folder.path()}, {}) == 1);
}

TEST_CASE("a link to the file stays a link") {
    test::temporary_folder folder;
    auto target = folder.path() / "kept/real.toml";
    std::filesystem::create_directory(target.parent_path());
    std::ofstream{target} << "old\n";
    auto file = folder.path() / "config.toml";
    std::filesystem::create_symlink("kept/real.toml", file);
    REQUIRE(
        change_configuration_file(file, [](const std::string&) { return outcome<std::string>{"new\n"}; }));
    CHECK(std::filesystem::is_symlink(file));
    CHECK(content(target) == "new\n");
}

TEST_CASE("changes made at the same time are all kept") {
    test::temporary_folder folder;
    auto file = folder.path() / "config.toml";
    constexpr int writers = 4;
    constexpr int changes = 10;
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer)
        threads.emplace_back([&file, writer] {
            for (int number = 0; number < changes; ++number)
                static_cast<void>(change_configuration_file(file, [&](const std::string& text) {
                    return with_value(text, "file",
                                      "k" + std::to_string(writer) + "_" + std::to_string(number), number);
                }));
        });
    for (auto& thread : threads)
        thread.join();
    auto entries = parse_configuration(content(file), "file");
    REQUIRE(entries);
    CHECK(entries->size() == writers * changes);
}
