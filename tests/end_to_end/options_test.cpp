// SPDX-License-Identifier: MIT
// What the options of `gestvenv run` do, beside those that have tests of their own.
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/traces.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <unistd.h>

using namespace gestvenv::test;

namespace {

bool says(const finished& result, const std::string& part) {
    return result.err.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the variables of a file reach the command, and --set-env is stronger") {
    scene place;
    auto file = place.write("test.env", "# for tests\nMODE=file\nexport QUOTED=\"two words\"\n\nPLAIN=a=b\n");
    ::chmod(file.c_str(), 0600);
    auto result = place.gestvenv({"run", "--env-file", "test.env", "--set-env", "MODE=option", "sh", "-c",
                                  "echo \"$MODE,$QUOTED,$PLAIN\""});
    CHECK(result.out == "option,two words,a=b\n");
    place.write("broken.env", "GOOD=1\nnot a variable, but a secret\n");
    auto broken = place.gestvenv({"run", "--env-file", "broken.env", "echo", "output"});
    CHECK(broken.status == 2);
    CHECK(broken.out.empty());
    CHECK(says(broken, "broken.env:2"));
    CHECK_FALSE(says(broken, "secret"));
}

TEST_CASE("artifacts come out of the environment after success, failure and timeout alike") {
    scene place;
    const std::string work = "mkdir -p dist/sub && echo one >dist/a.whl && echo two >dist/sub/b.whl && ";
    auto keep = [&](const std::string& end, std::vector<std::string> options = {}) {
        std::filesystem::remove_all(place.folder() / "out");
        options.insert(options.begin(), {"run", "--artifacts", "dist/**/*.whl=out", "--work-folder"});
        options.insert(options.end(), {"sh", "-c", work + end});
        auto result = place.gestvenv(options);
        INFO(result.err);
        CHECK(content_of(place.folder() / "out/a.whl") == "one\n");
        CHECK(content_of(place.folder() / "out/sub/b.whl") == "two\n");
        return result.status;
    };
    CHECK(keep("true") == 0);
    CHECK(keep("exit 3") == 3);
    CHECK(keep("sleep 1000", {"--timeout", "0.3"}) == 124);
}

TEST_CASE("an artifact that is a link to the outside does not bring the outside along") {
    scene place;
    place.write("secret", "the host's\n");
    auto result = place.gestvenv({"run", "--artifacts", "*=out", "--work-folder", "sh", "-c",
                                  "ln -s " + (place.folder() / "secret").string() + " link; ln -s .. up"});
    CHECK(result.status == 0);
    CHECK(says(result, "`link` is not copied: it is a symbolic link"));
    CHECK(says(result, "`up` is not copied: it is a symbolic link"));
    CHECK_FALSE(std::filesystem::exists(place.folder() / "out/link"));
}

TEST_CASE("artifacts that do not match anything are a warning, and a pattern that leads out is refused") {
    scene place;
    auto nothing = place.gestvenv({"run", "--artifacts", "dist/*=out", "echo", "output"});
    CHECK(nothing.status == 0);
    CHECK(nothing.out == "output\n");
    CHECK(says(nothing, "dist/*"));
    for (const char* wrong : {"../x=out", "/etc/*=out", "a", "=out"}) {
        auto refused = place.gestvenv({"run", "--artifacts", wrong, "echo", "output"});
        INFO(wrong);
        CHECK(refused.status == 2);
        CHECK(refused.out.empty());
        CHECK(says(refused, "hint: "));
    }
}

TEST_CASE("an environment that could not be completed has a receipt too") {
    scene place;
    auto result = place.gestvenv(
        {"--offline", "run", "--packages", "no-such-package-anywhere", "--receipt", "r.json", "true"});
    CHECK(result.status == 125);
    INFO(result.err);
    auto receipt = nlohmann::json::parse(content_of(place.folder() / "r.json"));
    CHECK(receipt["reason"] == "failed_state");
    CHECK(receipt["residue"].empty());
    CHECK_FALSE(receipt["environment_id"].empty());
}

TEST_CASE("the receipt of a run is a JSON file that names the cause and that nothing is left") {
    scene place;
    CHECK(place.gestvenv({"run", "--receipt", "r.json", "sh", "-c", "sleep 1000 & exit 4"}).status == 4);
    auto receipt = nlohmann::json::parse(content_of(place.folder() / "r.json"));
    CHECK(receipt["reason"] == "requested");
    CHECK(receipt["residue"].empty());
    CHECK(receipt["processes_killed"] == 1);
    auto refused = place.gestvenv({"run", "--receipt", "no/such/folder/r.json", "echo", "output"});
    CHECK(refused.status == 2);
    CHECK(refused.out.empty());
}

TEST_CASE("a line for a shell is one word, and the work folder goes with the environment") {
    scene place;
    auto result = place.gestvenv(
        {"run", "--work-folder", "--shell", "echo x >file && cat file && echo $VIRTUAL_ENV_PROMPT"});
    auto lines = lines_of(result.out);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == "x");
    CHECK_FALSE(std::filesystem::exists(place.folder() / "file"));
    check_nothing_left(id_in(lines[1]), ::geteuid());
    CHECK(place.gestvenv({"run", "--shell", "exit 3; echo no"}).status == 3);
    CHECK(place.gestvenv({"run", "--work-folder", "--cwd", ".", "true"}).status == 2);
}

TEST_CASE("output beyond its limit is cut, and said to be") {
    scene place;
    auto result =
        place.gestvenv({"run", "--output-limit", "10K", "sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x"});
    CHECK(result.status == 0);
    CHECK(result.out.size() >= 10 << 10);
    CHECK(result.out.size() < 20 << 10);
    CHECK(says(result, "cut"));
}

TEST_CASE("an environment of one command may hold as many processes as it is allowed, and no more") {
    scene place;
    auto result = place.gestvenv({"run", "--max-processes", "4", "sh", "-c",
                                  "for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; wait; echo survived"});
    CHECK(result.status != 0);
    CHECK(result.out.empty());
}

TEST_CASE("a project is installed with what it asks for") {
    scene place;
    std::filesystem::create_directories(place.folder() / "demo");
    place.write("demo/demo.py", "value = 42\n");
    place.write("demo/pyproject.toml",
                "[project]\nname = \"demo\"\nversion = \"1\"\ndependencies = []\n"
                "[project.optional-dependencies]\nmore = [\"six==1.16.0\"]\n"
                "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n"
                "[tool.setuptools]\npy-modules = [\"demo\"]\n");
    auto result = place.gestvenv({"run", "--project", "demo", "--extra", "more", "python", "-c",
                                  "import demo, six; print(demo.value, six.__version__)"});
    INFO(result.err);
    CHECK(result.out == "42 1.16.0\n");
    auto refused = place.gestvenv({"run", "--project", "state", "true"});
    CHECK(refused.status == 2);
    CHECK(says(refused, "no pyproject.toml"));
}

TEST_CASE("without a network what a cache has is installed, and what it has not is an error") {
    scene place;
    CHECK(place.gestvenv({"run", "--packages", "six==1.16.0", "python", "-c", "import six"}).status == 0);
    CHECK(place.gestvenv({"run", "--offline", "--packages", "six==1.16.0", "python", "-c", "import six"})
              .status == 0);
    auto missing = place.gestvenv({"run", "--offline", "--packages", "gestvenv-no-such-package", "true"});
    CHECK(missing.status == 125);
    CHECK(says(missing, "gestvenv-no-such-package"));
}
