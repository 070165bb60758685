// SPDX-License-Identifier: MIT
#include "tests/end_to_end/snapshot.hpp"
#include "tests/end_to_end/traces.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <unistd.h>

using namespace gestvenv::test;

TEST_CASE("help and version are what is asked for, on standard output") {
    scene place;
    snapshot shot{"help"};
    shot.add(place, {"--version"});
    shot.add(place, {"--help"});
    shot.add(place, {"run", "--help"});
    shot.add(place, {"doctor", "--help"});
    shot.add(place, {"config", "--help"});
    for (const char* name : {"show", "path", "get", "set", "reset"})
        shot.add(place, {"config", name, "--help"});
    for (const char* name : {"console", "completion"})
        shot.add(place, {name, "--help"});
    shot.add(place, {});
    shot.check();
}

TEST_CASE("bad input is answered with an error and a hint, and status 2") {
    scene place;
    place.write("file", "");
    snapshot shot{"bad_input"};
    shot.add(place, {"frobnicate"});
    shot.add(place, {"rnu", "true"});
    shot.add(place, {"--packages", "requests", "run", "true"});
    shot.add(place, {"run"});
    shot.add(place, {"run", "--"});
    shot.add(place, {"run", ""});
    for (std::vector<std::string> options : std::vector<std::vector<std::string>>{
             {"--packges", "requests"},
             {"--frobnicate"},
             {"--backend", "conda"},
             {"--storage", "floppy"},
             {"--security", "sandboxed"},
             {"--isolation", "container"},
             {"--requirements", "missing.txt"},
             {"--requirements", "."},
             {"--cwd", "missing"},
             {"--cwd", "file"},
             {"--receipt", "."},
             {"--receipt", "missing/receipt.json"},
             {"--name", "a/b"},
             {"--name", "a\nb"},
             {"--name", std::string(300, 'n')},
             {"--packages", "--index-url=x"},
             {"--packages", "-r /etc/passwd"},
             {"--packages", "a; rm -rf /"},
             {"--packages", "a\nb"},
             {"--ttl", "-1"},
             {"--ttl", "1000000000000"},
             {"--ttl", "abc"},
             {"--timeout", "-1"},
             {"--timeout", "1000000000000"},
             {"--timeout", "abc"},
             {"--python", "banana"},
             {"--set-env", "NAME"},
             {"--pass-env", "NAME=secret"},
         }) {
        options.insert(options.begin(), "run");
        options.insert(options.end(), {"--", "true"});
        shot.add(place, options);
    }
    shot.check();
}

TEST_CASE("bad input starts nothing: no state folder is made, no file is left") {
    scene place;
    CHECK(place.gestvenv({"run", "--name", "a/b", "--receipt", "receipt.json", "true"}).status == 2);
    CHECK(place.gestvenv({"run", "--requirements", "missing.txt", "true"}).status == 2);
    CHECK(!std::filesystem::exists(place.folder() / "state"));
    CHECK(!std::filesystem::exists(place.folder() / "receipt.json"));
}

TEST_CASE("a file that may not be read is named before anything is started") {
    if (::geteuid() == 0)
        SKIP("root may read everything; ordinary_user_test.cpp does this as another user");
    scene place;
    std::filesystem::permissions(place.write("secret.txt", "six\n"), std::filesystem::perms::none);
    auto result = place.gestvenv({"run", "--requirements", "secret.txt", "true"});
    CHECK(result.status == 2);
    CHECK(result.err.find("Permission denied") != std::string::npos);
}

TEST_CASE("standard output that cannot be written is an error, a reader that has gone away is none") {
    scene place;
    auto full = place.shell("\"$GESTVENV\" --version >/dev/full");
    CHECK(full.status == 125);
    CHECK(full.err == "error: cannot write to standard output: No space left on device\n");
    auto gone = place.shell("{ sleep 0.1; \"$GESTVENV\" run --help; echo $? >status; } | true");
    CHECK(content_of(place.folder() / "status") == "0\n");
    CHECK(gone.err.empty());
}
