// SPDX-License-Identifier: MIT
#include "system/python/version_range.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;
using namespace gestvenv::python;

namespace {

range_fit fit_of(const char* version, const char* text) {
    auto range = parse_version_range(text);
    if (!range)
        FAIL(render(range.error()));
    return fit(*parse_interpreter_version(version), *range);
}

bool fits(const char* version, const char* range) {
    return fit_of(version, range) == range_fit::yes;
}

std::string poetry(const char* text) {
    auto range = parse_poetry_range(text);
    return range ? range->text : render(range.error());
}

} // namespace

TEST_CASE("a version fits a range as PEP 440 has it") {
    CHECK(fits("3.12.1", ">=3.8"));
    CHECK(!fits("3.7.9", ">=3.8"));
    CHECK(fits("3.12.1", ">= 3.10, < 3.13"));
    CHECK(!fits("3.13.0", ">=3.10,<3.13"));
    CHECK(fits("3.12.99", "<3.13"));
    CHECK(fits("3.8.18", "~=3.8"));
    CHECK(fits("3.12.0", "~=3.8"));
    CHECK(!fits("3.9.0", "~=3.8.1"));
    CHECK(fits("3.8.2", "~=3.8.1"));
    CHECK(fits("3.11.4", "==3.11.*"));
    CHECK(!fits("3.12.0", "==3.11.*"));
    CHECK(fits("3.11.0", "==3.11"));
    CHECK(!fits("3.11.4", "==3.11"));
    CHECK(!fits("3.9.7", ">=3.8,!=3.9.7"));
    CHECK(fits("3.9.8", ">=3.8,!=3.9.7"));
    CHECK(!fits("3.9.8", ">=3.8,!=3.9.*"));
    CHECK(fits("3.12.0", ">3.11"));
    CHECK(fits("3.10.0", "<=3.10"));
    CHECK(!fits("3.10.1", "<=3.10"));
    CHECK(fits("3.12.1", ">=3"));
}

TEST_CASE("a release comes after its candidates") {
    CHECK(fits("3.13.0", ">=3.13.0rc1"));
    CHECK(fits("3.13.0", ">3.13.0a1"));
    CHECK(!fits("3.13.0", "<3.13.0b2"));
    CHECK(!fits("3.13.0", "<=3.13.dev0"));
    CHECK(fits("3.12.9", "<3.13.0a0"));
    CHECK(!fits("3.13.0", "==3.13.0rc1"));
}

TEST_CASE("a version without its last number is open where that decides, and only there") {
    CHECK(fit_of("3.11", ">=3.8") == range_fit::yes);
    CHECK(fit_of("3.11", ">=3.11.4") == range_fit::open);
    CHECK(fit_of("3.11", ">=3.12") == range_fit::no);
    CHECK(fit_of("3.11", "<3.11.2") == range_fit::open);
    CHECK(fit_of("3.11", "==3.11.*") == range_fit::yes);
}

TEST_CASE("what is no range is refused, with how one is written") {
    for (const char* text : {"", "3.12", ">=", ">=three", ">=3.8 <3.9", ">=3.8;", ">=3.8 ||"}) {
        INFO(text);
        auto range = parse_version_range(text);
        REQUIRE_FALSE(range);
        CHECK(range.error().code == error_code::invalid_argument);
        CHECK(range.error().hint.find(">=3.10") != std::string::npos);
    }
}

TEST_CASE("poetry's ranges are put into PEP 440") {
    CHECK(poetry("^3.8") == ">=3.8,<4.0.0");
    CHECK(poetry("^3.8.1") == ">=3.8.1,<4.0.0");
    CHECK(poetry("^0.3") == ">=0.3,<0.4.0");
    CHECK(poetry("~3.8") == ">=3.8,<3.9.0");
    CHECK(poetry("~3.8.1") == ">=3.8.1,<3.9.0");
    CHECK(poetry("~3") == ">=3,<4.0.0");
    CHECK(poetry("3.10.*") == "==3.10.*");
    CHECK(poetry(">=3.8,<4.0") == ">=3.8,<4.0");
    CHECK(poetry("~=3.8") == "~=3.8");
    CHECK(poetry("*") == ">=0");
    CHECK(poetry("^2.7 || ^3.8") == ">=2.7,<3.0.0 || >=3.8,<4.0.0");
    CHECK(fits("3.9.1", poetry("^2.7 || ^3.8").c_str()));
}
