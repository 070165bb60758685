// SPDX-License-Identifier: MIT
#include "tests/end_to_end/program.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace gestvenv::test;

namespace {

bool has_line(const std::string& text, const std::string& line) {
    auto lines = lines_of(text);
    return std::find(lines.begin(), lines.end(), line) != lines.end();
}

} // namespace

TEST_CASE("the caller's environment does not reach the command") {
    scene place;
    place.where().variables["SECRET_TOKEN"] = "open-sesame";
    // With nothing else in it: what reaches a command by itself is not that of the test's caller.
    auto result = place.shell("exec env -i PATH=/usr/bin:/bin HOME=\"$PWD\" SECRET_TOKEN=open-sesame "
                              "PYTHONPATH=/nonexistent CI_JOB_TOKEN=x PIP_INDEX_URL=x CI=true TZ=UTC "
                              "\"$GESTVENV\" run sh -c 'env | sort | cut -d= -f1'");
    CHECK(result.status == 0);
    CHECK(lines_of(result.out) == std::vector<std::string>{"CI", "HOME", "LANG", "PATH", "PWD", "TMPDIR",
                                                           "TZ", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"});
    CHECK(place.gestvenv({"run", "env"}).out.find("open-sesame") == std::string::npos);
}

TEST_CASE("the option --pass-env passes on what is set, --set-env sets and wins") {
    scene place;
    place.where().variables["SECRET_TOKEN"] = "open-sesame";
    place.where().variables["MODE"] = "caller";
    auto result =
        place.gestvenv({"run", "--pass-env", "SECRET_TOKEN", "--pass-env", "NOT_SET", "--pass-env", "MODE",
                        "--set-env", "MODE=test", "--set-env", "EMPTY=", "--set-env", "EQUATION=a=b", "env"});
    CHECK(has_line(result.out, "SECRET_TOKEN=open-sesame"));
    CHECK(has_line(result.out, "MODE=test"));
    CHECK(has_line(result.out, "EMPTY="));
    CHECK(has_line(result.out, "EQUATION=a=b"));
    CHECK(result.out.find("NOT_SET") == std::string::npos);
    CHECK(result.out.find("MODE=caller") == std::string::npos);
}

TEST_CASE("a value that is passed on stays out of the log and of errors") {
    scene place;
    place.where().variables["SECRET_TOKEN"] = "open-sesame";
    auto result = place.gestvenv({"-v", "run", "--pass-env", "SECRET_TOKEN", "no-such-program"});
    CHECK(result.status == 127);
    CHECK(result.err.find("open-sesame") == std::string::npos);
}

TEST_CASE("a command starts with no signal blocked or ignored, and with no descriptor but its streams") {
    scene place;
    auto signals = place.gestvenv({"run", "grep", "-E", "SigBlk|SigIgn", "/proc/self/status"});
    auto masks = lines_of(signals.out);
    REQUIRE(masks.size() == 2);
    for (const auto& line : masks) {
        // Above 31 are the real-time signals, of which the C library keeps two to itself (signal(7)).
        auto mask = std::stoull(line.substr(line.find('\t') + 1), nullptr, 16);
        CHECK((mask & 0x7FFFFFFFU) == 0);
    }
    // The fourth descriptor is that of the listing itself.
    CHECK(place.gestvenv({"run", "sh", "-c", "ls /proc/self/fd | tr '\\n' ' '"}).out == "0 1 2 3 ");
}
