// SPDX-License-Identifier: MIT
// `gestvenv doctor` on this machine, and on one whose backends are made up.
#include "tests/end_to_end/snapshot.hpp"
#include "tests/support/processes.hpp"

#include <nlohmann/json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <filesystem>

using namespace gestvenv::test;

namespace {

namespace files = std::filesystem;

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A scene whose uv is this script, and whose environments are all in `storage`.
class scene_with_uv : public scene {
public:
    explicit scene_with_uv(const std::string& script) {
        auto tools = folder() / "tools/bin";
        files::create_directories(tools);
        auto uv = write("tools/bin/uv", "#!/bin/sh\n" + script + "\n");
        files::permissions(uv, files::perms{0755});
        where().variables["GESTVENV_TOOLS"] = (folder() / "tools").string();
        write("config.toml", "[ephemeral]\nstorage_backend = \"disk\"\nbase_storage_path = \"" +
                                 (folder() / "storage").string() + "\"\n");
        files::permissions(folder() / "config.toml", files::perms{0600});
    }

    std::vector<std::string> doctor(std::vector<std::string> options) const {
        std::vector<std::string> words{"--config", "config.toml", "doctor",          "--backend",
                                       "uv",       "--python",    "/usr/bin/python3"};
        words.insert(words.end(), options.begin(), options.end());
        return words;
    }

    bool nothing_is_left() const {
        return !files::exists(folder() / "storage") || files::is_empty(folder() / "storage");
    }
};

} // namespace

TEST_CASE("doctor says what it does, and what it does not accept") {
    scene place;
    snapshot shot{"doctor"};
    shot.add(place, {"doctor", "--help"});
    shot.add(place, {"doctor", "now"});
    shot.add(place, {"doctor", "--backend", "conda"});
    shot.add(place, {"doctor", "--python", "banana"});
    shot.add(place, {"doctor", "--timeout", "0"});
    shot.check();
    CHECK(!files::exists(place.folder() / "state"));
}

TEST_CASE("a quick look shows the machine and installs nothing") {
    scene place;
    auto result = place.gestvenv({"doctor", "--quick"});
    CAPTURE(result.out, result.err);
    for (const char* section :
         {"processes\n", "\nstorage\n", "\nlimits\n", "\ninterpreters\n", "\nbackends\n"})
        CHECK(has(result.out, section));
    CHECK(has(result.out, "nothing was installed (--quick)"));
    CHECK(!has(result.out, "\ninstalling"));
    CHECK(result.status == (has(result.out, "all that is needed is there\n") ? 0 : 1));
}

TEST_CASE("the default interpreter and one backend are tried for real") {
    scene place;
    auto looked = place.gestvenv({"doctor", "--quick", "--format", "json"});
    auto machine = nlohmann::json::parse(looked.out);
    std::string preset;
    for (const auto& one : machine["interpreters"])
        if (one["default"] == true)
            preset = one["path"];
    REQUIRE(!preset.empty());
    auto result = place.gestvenv({"doctor", "--python", preset, "--backend", "uv", "--format", "json"});
    CAPTURE(result.out);
    if (result.status == 1)
        needs_index(result);
    CHECK(result.status == 0);
    CHECK(result.err.empty());
    auto found = nlohmann::json::parse(result.out);
    CHECK(found["works"] == true);
    REQUIRE(found["installations"].size() == 1);
    const auto& cell = found["installations"][0];
    CHECK(cell["backend"] == "uv");
    CHECK(cell["path"] == preset);
    CHECK(cell["state"] == "works");
    CHECK(cell["seconds"].is_number());
    CHECK(cell["why"].is_null());
}

TEST_CASE("a missing tool is named with the command that installs it, and is status 1 where it is needed") {
    scene place;
    place.where().variables["GESTVENV_TOOLS"] = (place.folder() / "tools").string();
    place.where().variables["PATH"] = place.folder().string();
    auto result = place.gestvenv({"doctor", "--backend", "pdm", "--quick"});
    CHECK(result.status == 1);
    CHECK(has(result.out, "hint: tools/bootstrap, or: "));
    CHECK(has(result.out, "python3 -m venv " + (place.folder() / "tools/pdm").string()));
    CHECK(result.err.rfind("error: there is no backend that could install packages\n\nhint: ", 0) == 0);
}

TEST_CASE("an interpreter that is asked for and missing is status 1") {
    scene place;
    auto result = place.gestvenv({"doctor", "--python", "3.999", "--quick"});
    CHECK(result.status == 1);
    CHECK(has(result.out, "  3.999  no ["));
    CHECK(result.err.rfind("error: no interpreter of Python 3.999 is installed", 0) == 0);
}

TEST_CASE("what a backend says stands below the table") {
    scene_with_uv place{"echo 'error: the moon is in the wrong phase' >&2; exit 2"};
    auto result = place.gestvenv(place.doctor({}));
    CAPTURE(result.out, result.err);
    CHECK(result.status == 1);
    CHECK(has(result.out, "] the moon is in the wrong phase\n"));
    CHECK(has(result.err, "error: no backend works with Python "));
    CHECK(place.nothing_is_left());
}

TEST_CASE("a backend that hangs is given up, and all it started ends") {
    const auto number = unique_number();
    scene_with_uv place{"sleep 1000." + number};
    auto result = place.gestvenv(place.doctor({"--timeout", "0.5"}));
    CAPTURE(result.out, result.err);
    CHECK(result.status == 1);
    CHECK(has(result.out, " was not done within 0.5 s\n"));
    CHECK(wait_for_processes(number, 0, patience));
    CHECK(place.nothing_is_left());
}

TEST_CASE("SIGINT ends doctor and leaves nothing") {
    const auto number = unique_number();
    scene_with_uv place{"sleep 1000." + number};
    auto program = place.start(place.doctor({}));
    REQUIRE(wait_for_processes(number, 1, patience));
    program.send(SIGINT);
    auto result = program.wait();
    CHECK(result.signal == SIGINT);
    CHECK(result.out.empty());
    CHECK(wait_for_processes(number, 0, patience));
    CHECK(place.nothing_is_left());
}
