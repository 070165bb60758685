// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/variable_file.hpp"

#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <fstream>
#include <sys/stat.h>
#include <thread>

using namespace gestvenv;
using namespace gestvenv::cli;

using variables = std::map<std::string, std::string>;

namespace {

variables read(const std::string& text) {
    auto parsed = parse_variables(text, "file");
    if (!parsed)
        FAIL(render(parsed.error()));
    return *parsed;
}

} // namespace

TEST_CASE("a file of variables has a NAME=VALUE on each line") {
    CHECK(read("").empty());
    CHECK(read("A=1\nB=2") == variables{{"A", "1"}, {"B", "2"}});
    CHECK(read("# comment\n\n  \t\nA=1\r\n  # another\n") == variables{{"A", "1"}});
    CHECK(read("export A=1\n export  B=2\nexport\tC=3\nexporter=4\n") ==
          variables{{"A", "1"}, {"B", "2"}, {"C", "3"}, {"exporter", "4"}});
    CHECK(read("A=1\nA=2\n") == variables{{"A", "2"}});
    CHECK(read("_a9=\n") == variables{{"_a9", ""}});
}

TEST_CASE("a value without quotes ends with its line, or before a comment") {
    CHECK(read("A= a b  \n") == variables{{"A", "a b"}});
    CHECK(read("A=a # comment") == variables{{"A", "a"}});
    CHECK(read("A=a#b") == variables{{"A", "a#b"}});
    CHECK(read("A=# comment") == variables{{"A", ""}});
    CHECK(read("A=a=b") == variables{{"A", "a=b"}});
    CHECK(read("A=$HOME `x` \\n") == variables{{"A", "$HOME `x` \\n"}});
    CHECK(read("A=it's") == variables{{"A", "it's"}});
}

TEST_CASE("quotes keep what is between them") {
    CHECK(read("A=' a # b ' # comment") == variables{{"A", " a # b "}});
    CHECK(read("A='\\n\"$x'") == variables{{"A", "\\n\"$x"}});
    CHECK(read(R"(A="a\"b\\c\$d\n\te\q")") == variables{{"A", "a\"b\\c$d\n\te\\q"}});
    CHECK(read("A=\"\"") == variables{{"A", ""}});
}

TEST_CASE("a value in quotes may go over several lines") {
    CHECK(read("KEY=\"-----BEGIN-----\nabc\n-----END-----\"\nAFTER=x\n") ==
          variables{{"KEY", "-----BEGIN-----\nabc\n-----END-----"}, {"AFTER", "x"}});
    CHECK(read("KEY='a\n\n# no comment\nB=1' # comment\nAFTER=x\n") ==
          variables{{"KEY", "a\n\n# no comment\nB=1"}, {"AFTER", "x"}});
    CHECK(read("KEY=\"a\r\nb\"\r\nAFTER=x\r\n") == variables{{"KEY", "a\nb"}, {"AFTER", "x"}});
    CHECK(read("export KEY='a\nb'") == variables{{"KEY", "a\nb"}});
    CHECK(read("KEY=\"a\rb\"") == variables{{"KEY", "a\rb"}});
}

TEST_CASE("a line after a value of several is named by its own number") {
    auto parsed = parse_variables("A='1\n2\n3'\n\nsesame\n", "file");
    REQUIRE(!parsed);
    CHECK(parsed.error().message.find("file:5: ") == 0);
}

TEST_CASE("a byte order mark is no part of a file of variables, and UTF-16 is named") {
    CHECK(read("\xef\xbb\xbf"
               "FIRST=1\r\nSECOND=2\r\n") == variables{{"FIRST", "1"}, {"SECOND", "2"}});
    auto wide = parse_variables(std::string_view{"\xff\xfe"
                                                 "A\0=\0",
                                                 6},
                                "file");
    REQUIRE(!wide);
    CHECK(wide.error().message.find("UTF-16") != std::string::npos);
}

TEST_CASE("a line that is none is named by its number, and never repeated") {
    auto line =
        GENERATE(as<std::string>{}, "sesame", "=sesame", "A B=sesame", "A$=sesame", "A='sesame", "A=\"sesame",
                 "A=\"sesame\\\"", "A='sesame'x", "A='sesame'#x", "A =sesame", std::string("A=ses\0ame", 9));
    auto parsed = parse_variables("# one\nB=2\n" + line + "\nC=3\n", "secrets.env");
    CAPTURE(line);
    REQUIRE(!parsed);
    CHECK(parsed.error().code == error_code::invalid_argument);
    CHECK(parsed.error().message.find("secrets.env:3: ") == 0);
    CHECK(render(parsed.error()).find("sesame") == std::string::npos);
}

TEST_CASE("a file that is none, or cannot be read, is named") {
    test::temporary_folder folder;
    auto message = [](const std::filesystem::path& path) { return read_variable_file(path).error().message; };
    CHECK(message(folder.path() / "missing").find("No such file or directory") != std::string::npos);
    CHECK(message(folder.path()).find("it is not a regular file") != std::string::npos);
    auto large = folder.path() / "large";
    std::ofstream{large} << std::string((1 << 20) + 1, '#');
    CHECK(message(large).find("more than a megabyte") != std::string::npos);
    auto good = folder.path() / "good";
    std::ofstream{good} << "A=1\n";
    CHECK(read_variable_file(good) == variables{{"A", "1"}});
    CHECK(read_variable_file("/dev/null") == variables{});
    CHECK(message("/dev/zero").find("it is not a regular file") != std::string::npos);
}

TEST_CASE("a named pipe is read once, whether its writer comes before or after") {
    test::temporary_folder folder;
    auto pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    // A writer that waits for its reader is done with it at once.
    for (int round = 0; round < 300; ++round) {
        std::thread writer{[&pipe] { std::ofstream{pipe} << "P.1-a=2\n3Q=4\n"; }};
        if (round % 2 == 0)
            std::this_thread::yield();
        CHECK(read_variable_file(pipe) == variables{{"P.1-a", "2"}, {"3Q", "4"}});
        writer.join();
    }
}
