// SPDX-License-Identifier: MIT
// What of the caller's surroundings a command has: PATH, HOME, descriptors, and the Python that is expected.
#include "tests/end_to_end/program.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>

using namespace gestvenv::test;

namespace {

namespace files = std::filesystem;

void write_program(scene& place, const std::string& name, const std::string& content) {
    files::permissions(place.write(name, content), files::perms::owner_all);
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

constexpr const char* in_environment = "import sys; print(sys.prefix != sys.base_prefix)";

} // namespace

TEST_CASE("programs of the caller's PATH are found, and the environment's Python comes before them") {
    scene place;
    files::create_directories(place.folder() / "own");
    write_program(place, "own/mine", "#!/bin/sh\necho mine\n");
    write_program(place, "own/python3", "#!/bin/sh\necho outer\n");
    const auto own = (place.folder() / "own").string() + ":/usr/bin:/bin";
    place.where().variables["PATH"] = own;
    CHECK(place.gestvenv({"run", "mine"}).out == "mine\n");
    for (const auto& option :
         {std::vector<std::string>{}, {"--set-env", "PATH=" + own}, {"--pass-env", "PATH"}}) {
        std::vector<std::string> words{"run"};
        words.insert(words.end(), option.begin(), option.end());
        words.insert(words.end(), {"python3", "-c", in_environment});
        CHECK(place.gestvenv(words).out == "True\n");
    }
    place.write("path.env", "PATH=" + own + "\n");
    CHECK(place.gestvenv({"run", "--env-file", "path.env", "python3", "-c", in_environment}).out == "True\n");
}

TEST_CASE("a Python script from outside the environment gives one line on standard error") {
    scene place;
    files::create_directories(place.folder() / "own");
    write_program(place, "own/outer-tool", "#!/usr/bin/python3\nprint('ran')\n");
    write_program(place, "own/shell-tool", "#!/bin/sh\necho ran\n");
    place.where().variables["PATH"] = (place.folder() / "own").string() + ":/usr/bin:/bin";
    auto outer = place.gestvenv({"run", "outer-tool"});
    CHECK(outer.out == "ran\n");
    CHECK(lines_of(outer.err).size() == 1);
    CHECK(contains(outer.err, "outer-tool is not in the environment"));
    CHECK(place.gestvenv({"run", "shell-tool"}).err.empty());
    CHECK(place.gestvenv({"run", "python", "-c", "pass"}).err.empty());
}

TEST_CASE("another Python than the environment's gives one line on standard error") {
    scene place;
    files::create_directories(place.folder() / "own");
    write_program(place, "own/python3.99", "#!/bin/sh\necho outer\n");
    place.where().variables["PATH"] = (place.folder() / "own").string() + ":/usr/bin:/bin";
    auto outer = place.gestvenv({"run", "python3.99", "-V"});
    CHECK(outer.out == "outer\n");
    CHECK(lines_of(outer.err).size() == 1);
    CHECK(contains(outer.err, "--python 3.99"));
}

TEST_CASE("pip is not the machine's in an environment without one") {
    scene place;
    for (const char* name : {"pip", "pip3"}) {
        auto result = place.gestvenv({"run", name, "--version"});
        CHECK(result.status == 127);
        CHECK(result.out.empty());
        CHECK(contains(result.err, std::string{"there is no "} + name + " in this environment"));
        CHECK(contains(result.err, "--packages"));
        CHECK(contains(result.err, "--with-pip"));
    }
    CHECK(place.gestvenv({"run", "sh", "-c", "test ! -e \"$VIRTUAL_ENV/bin/pip\""}).status == 0);
}

TEST_CASE("HOME is private, with git's settings named; --home host is the caller's") {
    scene place;
    files::create_directories(place.folder() / "home");
    const auto home = (place.folder() / "home").string();
    place.where().variables["HOME"] = home;
    place.where().variables["XDG_CONFIG_HOME"] = home + "/settings";
    place.write("home/.gitconfig", "[user]\n");
    auto line = [&place](const std::vector<std::string>& options, const std::string& text) {
        std::vector<std::string> words{"run"};
        words.insert(words.end(), options.begin(), options.end());
        words.insert(words.end(), {"sh", "-c", "echo " + text});
        return place.gestvenv(words).out;
    };
    CHECK(line({}, "$HOME") != home + "\n");
    CHECK(line({}, "$GIT_CONFIG_GLOBAL") == home + "/.gitconfig\n");
    CHECK(line({}, "\"$XDG_CONFIG_HOME\"") == "\n");
    CHECK(line({"--home", "host"}, "$HOME") == home + "\n");
    CHECK(line({"--home", "host"}, "$XDG_CONFIG_HOME") == home + "/settings\n");
    CHECK(line({"--home", "host", "--set-env", "HOME=/x"}, "$HOME") == "/x\n");
}

TEST_CASE(
    "what a shell substitutes in the command can be read there, and other descriptors when they are named") {
    scene place;
    auto substituted = place.shell("exec bash -c '\"$GESTVENV\" run cat <(echo one) <(echo two)'");
    CHECK(substituted.out == "one\ntwo\n");
    auto written =
        place.shell("exec bash -c '\"$GESTVENV\" run sh -c \"echo x >\\$0\" >(cat >written); sleep 0'");
    CHECK(written.status == 0);
    auto passed = place.shell("\"$GESTVENV\" run --pass-fd 7 sh -c 'cat <&7' 7<<END\nseven\nEND\n");
    CHECK(passed.out == "seven\n");
    auto closed = place.gestvenv({"run", "--pass-fd", "88", "true"});
    CHECK(closed.status == 2);
    CHECK(contains(closed.err, "--pass-fd 88"));
    auto standard = place.gestvenv({"run", "--pass-fd", "1", "true"});
    CHECK(standard.status == 2);
    // Others stay outside.
    CHECK(place.shell("\"$GESTVENV\" run sh -c 'test ! -e /proc/$$/fd/9' 9</dev/null").status == 0);
}

TEST_CASE("variables are read from a descriptor, as <(...) has it") {
    scene place;
    auto result =
        place.shell("printf 'A=\"1\\n2\"\\n' | \"$GESTVENV\" run --env-file /dev/stdin sh -c 'echo \"$A\"'");
    CHECK(result.out == "1\n2\n");
}

TEST_CASE("a script of the working folder is run by the environment's Python") {
    scene place;
    place.write("check.py", "import sys\nprint(sys.prefix != sys.base_prefix, sys.argv[1:])\n");
    CHECK(place.gestvenv({"run", "check.py", "a", "--b"}).out == "True ['a', '--b']\n");
    CHECK(place.gestvenv({"run", "./check.py"}).out == "True []\n"); // not executable
    write_program(place, "own.py", "#!/bin/sh\necho its own\n");
    CHECK(place.gestvenv({"run", "./own.py"}).out == "its own\n");
}

TEST_CASE("the packages that a script declares are installed") {
    scene place;
    place.write("check.py",
                "# /// script\n# dependencies = [\"six\"]\n# ///\nimport six\nprint(six.__name__)\n");
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"run", "check.py"}, {"run", "python", "check.py"}}) {
        auto result = place.gestvenv(words);
        CHECK(result.out == "six\n");
        CHECK(result.status == 0);
    }
    place.write("check.py", "# /// script\n# dependencies = [\"--index-url=x\"]\n# ///\nprint(1)\n");
    auto refused = place.gestvenv({"run", "check.py"});
    CHECK(refused.status == 2);
    CHECK(refused.out.empty());
    CHECK(contains(refused.err, (place.folder() / "check.py").string() + ":2: the dependencies: "));
}

TEST_CASE("an interpreter that nothing is known of is asked for: an error names who asks, and --python") {
    scene place;
    place.write(".python-version", "pypy3.10\n3.99\n");
    auto result = place.gestvenv({"run", "true"});
    CHECK(result.status == 125);
    CHECK(contains(result.err, "`pypy3.10` is no version of Python, and is skipped"));
    CHECK(contains(result.err, "no interpreter of Python 3.99 is installed"));
    CHECK(contains(result.err, (place.folder() / ".python-version").string() + " asks for it"));
    CHECK(contains(result.err, "--python"));
    place.write("new.py", "# /// script\n# requires-python = \">=3.98\"\n# ///\n");
    place.write(".python-version", "");
    auto script = place.gestvenv({"run", "new.py"});
    CHECK(script.status == 125);
    CHECK(contains(script.err, ">=3.98"));
    CHECK(contains(script.err, "--python"));
}

TEST_CASE("with --verbose it is said which interpreter it is and why") {
    scene place;
    auto first = place.gestvenv({"-v", "run", "--python", "/usr/bin/python3", "true"});
    CHECK(contains(first.err, "its Python is /usr/bin/python3"));
    CHECK(contains(first.err, ": --python"));
    place.where().variables["PATH"] = "/usr/bin:/bin";
    CHECK(contains(place.gestvenv({"-v", "run", "true"}).err, ": the first python3 of PATH"));
}

TEST_CASE("mistakes that a hint can mend are told before anything is made") {
    scene place;
    auto two = place.gestvenv({"run", "--packages", "requests", "rich>=13", "--", "python", "x.py"});
    CHECK(two.status == 2);
    CHECK(contains(two.err, "--packages `requests,rich>=13`"));
    auto folder = place.gestvenv({"run", "--packages", ".", "--", "true"});
    CHECK(folder.status == 2);
    CHECK(contains(folder.err, "--project"));
    place.write("requirements.txt", "six\n");
    auto file = place.gestvenv({"run", "--packages", "requirements.txt", "--", "true"});
    CHECK(file.status == 2);
    CHECK(contains(file.err, "--requirements requirements.txt"));
    auto line = place.gestvenv({"run", "true && echo x"});
    CHECK(line.status == 2);
    CHECK(contains(line.err, "--shell"));
    // A program may have a -- of its own.
    CHECK(place.gestvenv({"run", "sh", "-c", "echo $1", "--", "x"}).out == "x\n");
}

TEST_CASE("config get shows one value, and config set refuses what nothing could be made with") {
    scene place;
    auto config = [&place](std::vector<std::string> words) {
        words.insert(words.begin(), {"--config", "c.toml", "config"});
        return place.gestvenv(words);
    };
    CHECK(config({"set", "default_ttl", "10m"}).status == 0);
    CHECK(config({"get", "default_backend"}).out == "uv\n");
    CHECK(config({"get", "default_ttl"}).out == "600\n");
    CHECK(config({"get", "default_python_version"}).status == 1);
    for (const auto& [key, value] : {std::pair{"default_isolation_level", "container"},
                                     {"default_security_mode", "sandboxed"},
                                     {"base_storage_path", "/proc/nowhere"},
                                     {"default_python_version", "3.99"}}) {
        INFO(key);
        // Where a folder is made only for storage that needs one.
        if (std::string_view{key} == "base_storage_path")
            CHECK(config({"set", "storage_backend", "disk"}).status == 0);
        auto refused = config({"set", key, value});
        CHECK(refused.status == 2);
        CHECK(contains(refused.err, std::string{key} + " is left as it is"));
        CHECK(!contains(content_of(place.folder() / "c.toml"), value));
    }
}
