// SPDX-License-Identifier: MIT
// A Python script with inline metadata gets what it declares, wherever it comes from.
#include "tests/end_to_end/node_scene.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>

using namespace gestvenv::test;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A package without an index: its name, and what it prints by itself is its version.
void write_package(scene& place, const std::string& name, const std::string& version) {
    const auto folder = "packages/" + name + "-" + version + "/";
    std::filesystem::create_directories(place.folder() / folder);
    place.write(folder + "pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"backend\"\n"
                                           "backend-path = [\".\"]\n[project]\nname = \"" +
                                               name + "\"\nversion = \"" + version + "\"\n");
    const auto wheel = name + "-" + version + "-py3-none-any.whl";
    place.write(folder + "make.py",
                "import zipfile\nf = zipfile.ZipFile('../../wheels/" + wheel + "', 'w')\nf.writestr('" +
                    name + ".py', 'version = \"" + version + "\"\\n')\ninfo = '" + name + "-" + version +
                    ".dist-info/'\nf.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: " + name +
                    "\\nVersion: " + version +
                    "\\n')\nf.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: "
                    "true\\nTag: py3-none-any\\n')\nf.writestr(info + 'RECORD', '')\nf.close()\n");
    std::filesystem::create_directories(place.folder() / "wheels");
    auto made = place.shell("cd '" + (place.folder() / folder).string() + "' && python3 make.py");
    INFO(made.err);
    REQUIRE(made.status == 0);
}

constexpr const char* with_wheels =
    "# /// script\n# dependencies = [\"demo-one\"]\n# [tool.uv]\n# find-links = [\"wheels\"]\n# ///\n"
    "import sys, demo_one\nprint(demo_one.version, sys.argv[1:])\n";

} // namespace

TEST_CASE("a script gets the packages that it declares from where it says, and its own words") {
    scene place;
    write_package(place, "demo_one", "1.5");
    place.write("check.py", with_wheels);
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"--offline", "run", "check.py", "a", "--b"},
          {"--offline", "run", "--", "python", "check.py", "a", "--b"},
          {"--offline", "run", "--backend", "pip", "check.py", "a", "--b"}}) {
        auto result = place.gestvenv(words);
        INFO(result.err);
        CHECK(result.out == "1.5 ['a', '--b']\n");
        CHECK(result.status == 0);
    }
}

TEST_CASE(
    "a script that may be executed runs in the environment's Python, whatever its first line asks for") {
    scene place;
    write_package(place, "demo_one", "1.5");
    for (const char* first :
         {"#!/usr/bin/python3", "#!/usr/bin/env -S gestvenv run", "#!/usr/bin/env -S uv run --script"}) {
        CAPTURE(first);
        place.write("check.py", std::string{first} + "\n" + with_wheels);
        std::filesystem::permissions(place.folder() / "check.py", std::filesystem::perms::owner_all);
        auto result = place.gestvenv({"--offline", "run", "./check.py", "a"});
        INFO(result.err);
        CHECK(result.out == "1.5 ['a']\n");
        CHECK(result.status == 0);
    }
    // Without a suffix the first line is obeyed, unless it would start the same again.
    place.write("tool", "#!/usr/bin/env -S gestvenv run\nimport sys\nprint(sys.prefix != sys.base_prefix)\n");
    std::filesystem::permissions(place.folder() / "tool", std::filesystem::perms::owner_all);
    CHECK(place.gestvenv({"run", "./tool"}).out == "True\n");
    place.write("shell", "#!/bin/sh\necho shell\n");
    std::filesystem::permissions(place.folder() / "shell", std::filesystem::perms::owner_all);
    CHECK(place.gestvenv({"run", "./shell"}).out == "shell\n");
}

TEST_CASE("a zip application and a folder with a __main__.py are programs of the environment's Python") {
    scene place;
    const std::string prints = "import sys\nprint(sys.prefix != sys.base_prefix, sys.argv[1:])\n";
    std::filesystem::create_directories(place.folder() / "tool");
    place.write("tool/__main__.py", prints);
    place.write("window.pyw", prints);
    REQUIRE(place
                .shell("python3 -m zipapp -o app.pyz tool && chmod 600 app.pyz && "
                       "python3 -m zipapp -p '/usr/bin/env python3' -o own.pyz tool")
                .status == 0);
    for (const std::string word : {"app.pyz", "./app.pyz", "./own.pyz", "tool/", "./tool", "window.pyw"}) {
        CAPTURE(word);
        auto result = place.gestvenv({"run", word, "a", "--b"});
        INFO(result.err);
        CHECK(result.out == "True ['a', '--b']\n");
        CHECK(result.status == 0);
    }
    SECTION("a word without a path is a command, not a folder") {
        CHECK(place.gestvenv({"run", "tool"}).status == 127);
    }
}

TEST_CASE("a script comes from standard input, from a pipe or a file, and from a descriptor") {
    scene place;
    write_package(place, "demo_one", "1.5");
    place.write("check", with_wheels);
    for (const char* line :
         {"\"$GESTVENV\" --offline run - x <check", "cat check | \"$GESTVENV\" --offline run - x",
          "exec bash -c '\"$GESTVENV\" --offline run <(cat check) x'",
          "\"$GESTVENV\" --offline run /dev/fd/7 x 7<check",
          "cat check | \"$GESTVENV\" --offline run /dev/stdin x"}) {
        CAPTURE(line);
        auto result = place.shell(line);
        INFO(result.err);
        CHECK(result.out == "1.5 ['x']\n");
        CHECK(result.status == 0);
    }
    place.write("plain", "import sys\nprint(sys.prefix != sys.base_prefix, sys.stdin.read())\n");
    CHECK(place.shell("\"$GESTVENV\" run - <plain").out == "True \n");
    CHECK(place.shell("echo text | \"$GESTVENV\" run /dev/fd/7 7<plain").out == "True text\n\n");
    auto refused = place.shell("\"$GESTVENV\" run --output-limit 1M - <plain");
    CHECK(refused.status == 2);
    CHECK(contains(refused.err, "needs that, and --output-limit leaves it none"));
}

TEST_CASE("a script gets its packages beside those of --packages, of --requirements and of --project") {
    scene place;
    write_package(place, "demo_one", "1.5");
    write_package(place, "demo_two", "2.5");
    place.write("check.py", std::string{with_wheels} + "import demo_two\nprint(demo_two.version)\n");
    place.write("list.txt", "demo-two\n");
    std::filesystem::create_directories(place.folder() / "app");
    place.write("app/pyproject.toml",
                "[project]\nname = \"app\"\nversion = \"1\"\ndependencies = [\"demo-two\"]\n");
    for (const std::vector<std::string>& options : {std::vector<std::string>{"--packages", "demo-two"},
                                                    {"--requirements", "list.txt"},
                                                    {"--project", "app"}}) {
        CAPTURE(options);
        std::vector<std::string> words{"--offline", "run"};
        words.insert(words.end(), options.begin(), options.end());
        words.emplace_back("check.py");
        auto result = place.gestvenv(words);
        INFO(result.err);
        CHECK(result.out == "1.5 []\n2.5\n");
    }
}

TEST_CASE("a mistake in a script's metadata is told with file and line, and nothing is run") {
    scene place;
    place.write(
        "check.py",
        "\xEF\xBB\xBF#!/usr/bin/env python\r\n# /// script\r\n# dependencies = [\r\n# ///\r\nprint(1)\r\n");
    auto result = place.gestvenv({"run", "check.py"});
    CHECK(result.status == 2);
    CHECK(result.out.empty());
    CHECK(contains(result.err, "error: " + (place.folder() / "check.py").string() + ":3: "));
    CHECK(contains(result.err, "hint: "));
    place.write("check.py", "# /// script\n# dependancies = []\n# ///\nprint(1)\n");
    result = place.gestvenv({"run", "check.py"});
    CHECK(result.out == "1\n");
    CHECK(contains(result.err, "warning: "));
    CHECK(contains(result.err, "dependencies?"));
    place.write("check.py",
                "# /// script\n# dependencies = [\"six\"]\n# ///\nimport six\nprint(six.__name__)\n");
    place.write("check.py.lock", "version = 1\n");
    result = place.gestvenv({"run", "check.py"});
    CHECK(result.out == "six\n");
    CHECK(contains(result.err, "check.py.lock is not followed"));
    result = place.gestvenv({"run", "--install", "check.py"});
    CHECK(result.status == 2);
    CHECK(contains(result.err, "--install is given without --env"));
}

TEST_CASE("in an environment that is there, what a script lacks is an error, or installed on request") {
    node_scene place;
    write_package(place, "demo_one", "1.5");
    place.write("check.py", with_wheels);
    place.create({"held"});
    auto refused = place.gestvenv({"run", "--env", "held", "check.py"});
    CHECK(refused.status == 125);
    CHECK(refused.out.empty());
    CHECK(contains(refused.err, "needs demo-one, which held has not"));
    CHECK(contains(refused.err, "gestvenv ephemeral install held 'demo-one', or run --env held --install"));
    auto installed = place.gestvenv({"--offline", "run", "--env", "held", "--install", "check.py", "a"});
    INFO(installed.err);
    CHECK(installed.out == "1.5 ['a']\n");
    CHECK(place.gestvenv({"run", "--env", "held", "check.py"}).out == "1.5 []\n");
    CHECK(place.shell("\"$GESTVENV\" ephemeral exec held - x <check.py").out == "1.5 ['x']\n");
    place.write("newer.py", "# /// script\n# dependencies = [\"demo-one>=2\"]\n# ///\nprint(1)\n");
    CHECK(contains(place.gestvenv({"run", "--env", "held", "newer.py"}).err, "needs demo-one>=2"));
}
