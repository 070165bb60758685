// SPDX-License-Identifier: MIT
// A real project's own tests, from its published source archive, give the same result inside as in a plain
// venv.
#include "tests/end_to_end/program.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <regex>

using namespace gestvenv::test;

namespace {

constexpr const char* project =
    "idna==3.10"; // pure Python, some hundred tests in its archive, nothing needed but pytest
constexpr const char* folder = "idna-3.10";
constexpr const char* runner = "pytest==8.3.5";

/// pytest's last line without its time: `25 passed, 1 skipped`.
std::string summary(const std::string& output) {
    auto lines = lines_of(output);
    return lines.empty() ? std::string{} : std::regex_replace(lines.back(), std::regex{" in [0-9.]+s.*"}, "");
}

} // namespace

TEST_CASE("a real project's test suite has the same result inside as in a plain venv") {
    scene place;
    // Root's pip says on every line that it is root's.
    place.where().variables["PIP_ROOT_USER_ACTION"] = "ignore";
    auto fetched = place.run({place.where().variables["PIP"], "download", "--quiet", "--no-deps",
                              "--no-binary", ":all:", project});
    if (fetched.status != 0)
        needs_index(fetched);
    REQUIRE(place.shell("tar -xzf idna-*.tar.gz && test -d " + std::string{folder} + "/tests").status == 0);

    auto inside = place.gestvenv({"run", "--packages", runner, "--cwd", folder, "--", "python", "-m",
                                  "pytest", "-q", "-p", "no:cacheprovider"});
    CAPTURE(inside.out, inside.err);
    CHECK(inside.status == 0);

    // With the interpreter that an environment gets when it asks for none.
    auto interpreter = place.gestvenv({"run", "python", "-c", "import sys; print(sys._base_executable)"});
    auto executable = interpreter.out.substr(0, interpreter.out.find('\n'));
    auto plain = place.shell(
        executable + " -m venv --without-pip plain && \"$PIP\" --python plain/bin/python install --quiet " +
        runner + " && cd " + folder + " && ../plain/bin/python -m pytest -q -p no:cacheprovider");
    CAPTURE(plain.out, plain.err);
    CHECK(plain.status == 0);
    CHECK(summary(inside.out).find(" passed") != std::string::npos);
    CHECK(summary(inside.out) == summary(plain.out));
}
