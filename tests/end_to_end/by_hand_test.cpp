// SPDX-License-Identifier: MIT
// Programs start as a shell starts them, and what cannot start says why.
#include "tests/end_to_end/program.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace gestvenv::test;

namespace {

std::string write_program(scene& place, const std::string& name, const std::string& content) {
    namespace fs = std::filesystem;
    fs::permissions(place.write(name, content), fs::perms::owner_all);
    return "./" + name;
}

} // namespace

TEST_CASE("a script without a first line that names its interpreter is the shell's, with its arguments") {
    scene place;
    auto result =
        place.gestvenv({"run", write_program(place, "plain", "echo \"$0|$1|$#\"\nexit 7\n"), "a b", ""});
    CHECK(result.out == "./plain|a b|2\n");
    CHECK(result.status == 7);
    CHECK(result.err.empty());
    CHECK(place.gestvenv({"run", write_program(place, "empty", "")}).status == 0);
}

TEST_CASE("a damaged program is none of the shell's") {
    scene place;
    auto result = place.gestvenv({"run", write_program(place, "damaged",
                                                       std::string{"\x7f"
                                                                   "ELF\0\0\necho ran\n",
                                                                   15})});
    CHECK(result.status == 126);
    CHECK(result.out.empty());
    CHECK(result.err.find("no program of this machine's kind") != std::string::npos);
}

TEST_CASE("a script whose interpreter is not there says which, and what a carriage return does to it") {
    scene place;
    auto missing = place.gestvenv({"run", write_program(place, "odd", "#!/no/such/interpreter -u\n")});
    CHECK(missing.status == 127);
    CHECK(missing.err.find("/no/such/interpreter -u") != std::string::npos);
    auto name = write_program(place, "windows", "#!/bin/sh\r\necho ran\r\n");
    auto ends = place.gestvenv({"run", name});
    CHECK(ends.status == 127);
    CHECK(ends.err.find("carriage return") != std::string::npos);
    const auto hint = ends.err.substr(ends.err.find("sed "));
    CHECK(place.shell(hint).status == 0);
    CHECK(place.gestvenv({"run", name}).out == "ran\n");
}

TEST_CASE("a folder is no program, and says so") {
    scene place;
    auto result = place.gestvenv({"run", "/tmp"});
    CHECK(result.status == 126);
    CHECK(result.err.find("is a folder") != std::string::npos);
}

TEST_CASE("a folder that was entered through a link keeps that name") {
    scene place;
    auto result =
        place.shell("mkdir real && ln -s real link && cd link && pwd && "
                    "\"$GESTVENV\" run sh -c 'pwd; echo $PWD' && PWD=/nowhere \"$GESTVENV\" run sh -c pwd");
    CHECK(result.status == 0);
    const auto folder = (std::filesystem::canonical(place.folder()) / "link").string();
    const auto real = (std::filesystem::canonical(place.folder()) / "real").string();
    CHECK(result.out == folder + "\n" + folder + "\n" + folder + "\n" + real + "\n");
}

TEST_CASE("words that a shell does itself name what does them here") {
    scene place;
    auto hint = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "run");
        auto result = place.gestvenv(words);
        CHECK(result.status == 127);
        return result.err;
    };
    CHECK(hint({"cd", "/tmp"}).find("--cwd DIR") != std::string::npos);
    CHECK(hint({"export", "A=1"}).find("--shell") != std::string::npos);
    CHECK(hint({"NAME=secret", "env"}).find("--set-env NAME=VALUE") != std::string::npos);
    CHECK(hint({"NAME=secret", "env"}).find("--set-env NAME=secret") == std::string::npos);
}

TEST_CASE("requirements and variables are read from standard input where `-` names it") {
    scene place;
    auto result = place.shell("echo NAME=value | \"$GESTVENV\" run --env-file - sh -c 'echo $NAME' && "
                              "printf '# \\351\\n' | \"$GESTVENV\" run --requirements - true");
    CHECK(result.out == "value\n");
    CHECK(result.err.find("is not in UTF-8") != std::string::npos);
}
