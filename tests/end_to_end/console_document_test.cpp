// SPDX-License-Identifier: MIT
// docs/console.md is true as typed.
#include "tests/end_to_end/node_scene.hpp"
#include "tests/support/places.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace gestvenv::test;

namespace {

std::vector<std::string> lines_of_document() {
    return lines_of(content_of(std::filesystem::path{source_folder} / "docs/console.md"));
}

/// The text between ```console and ```.
std::vector<std::string> scripts() {
    std::vector<std::string> all;
    bool inside = false;
    for (const auto& line : lines_of_document()) {
        if (line == "```console")
            all.emplace_back();
        if (inside && line != "```")
            all.back() += line + "\n";
        inside = line == "```console" || (inside && line != "```");
    }
    return all;
}

/// Lines for a shell, which begin with four spaces, and need neither a terminal nor a file of the reader's.
std::vector<std::string> shell_lines() {
    std::vector<std::string> all;
    for (const auto& line : lines_of_document())
        if (line.starts_with("    ") &&
            (line.find(" | ") != std::string::npos || line.find(" -c ") != std::string::npos))
            all.push_back(line.substr(4));
    return all;
}

} // namespace

TEST_CASE("every script of the console's document runs, in a node and embedded") {
    node_scene place;
    const auto all = scripts();
    REQUIRE(all.size() == 2);
    for (const auto& script : all) {
        place.write("document.console", script);
        for (const auto& words : {std::vector<std::string>{"console", "document.console"},
                                  {"console", "--embedded", "document.console"}}) {
            auto result = place.gestvenv(words);
            INFO(script << result.out << result.err);
            CHECK(result.status == 0);
        }
    }
    CHECK(place.gestvenv({"console", "document.console"}).out.find("ONE\ntwo\nthree\n") != std::string::npos);
}

TEST_CASE("every line for a shell of the console's document that needs no terminal runs") {
    node_scene place;
    const auto all = shell_lines();
    REQUIRE(all.size() == 3);
    for (const auto& line : all) {
        auto result = place.shell("gestvenv() { \"$GESTVENV\" \"$@\"; }; " + line);
        INFO(line << result.out << result.err);
        CHECK(result.status == 0);
        CHECK(!result.out.empty());
    }
}
