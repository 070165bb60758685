// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/artifact_pattern.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sstream>

using gestvenv::cli::artifact_pattern;

namespace {

artifact_pattern pattern(const std::string& text) {
    auto parsed = artifact_pattern::parse(text);
    REQUIRE(parsed);
    return *parsed;
}

bool matches(const std::string& text, const std::string& path) {
    auto wanted = pattern(text);
    auto here = wanted.begin();
    std::istringstream parts{path};
    for (std::string part; std::getline(parts, part, '/');)
        here = wanted.after(here, part);
    return wanted.matches(here);
}

} // namespace

TEST_CASE("a pattern matches as in a shell, one component each") {
    CHECK(matches("report.xml", "report.xml"));
    CHECK(!matches("report.xml", "a/report.xml"));
    CHECK(matches("dist/*.whl", "dist/x.whl"));
    CHECK(!matches("dist/*.whl", "dist/a/x.whl"));
    CHECK(!matches("dist/*.whl", "dist/x.tar.gz"));
    CHECK(matches("report-?.xml", "report-1.xml"));
    CHECK(matches("[a-c]*", "bus"));
    CHECK(!matches("[a-c]*", "dog"));
    CHECK(!matches("*", ".hidden"));
    CHECK(matches(".*", ".hidden"));
    CHECK(matches("dist/", "dist"));
    CHECK(matches("a\\*b", "a*b"));
}

TEST_CASE("two stars are any number of folders, hidden ones left out") {
    CHECK(matches("**/x.xml", "x.xml"));
    CHECK(matches("**/x.xml", "a/b/x.xml"));
    CHECK(matches("a/**/x.xml", "a/x.xml"));
    CHECK(matches("a/**/b/**/x.xml", "a/1/b/2/3/x.xml"));
    CHECK(!matches("a/**/x.xml", "b/x.xml"));
    CHECK(!matches("**/x.xml", "a/.git/x.xml"));
    CHECK(matches("a/**", "a"));
    CHECK(matches("**", ""));
    CHECK(!matches("a**b", "a/x/b"));
}

TEST_CASE("the leading folders without wildcards are fixed, the last component is not") {
    CHECK(pattern("report").fixed_components() == 0);
    CHECK(pattern("dist/x.whl").fixed_components() == 1);
    CHECK(pattern("a/b/*.whl").fixed_components() == 2);
    CHECK(pattern("a/*/b/c").fixed_components() == 1);
    CHECK(pattern("**/c").fixed_components() == 0);
}

TEST_CASE("a pattern stays below its folder") {
    for (const char* text : {"", "/", "/etc/passwd", "..", "../x", "a/../b", "./a", "a//b"}) {
        CAPTURE(text);
        CHECK(!artifact_pattern::parse(text));
    }
    CHECK(!artifact_pattern::parse(std::string(5000, 'x')));
    CHECK(!artifact_pattern::parse(std::string_view{"a\0b", 3}));
}
