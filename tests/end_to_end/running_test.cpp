// SPDX-License-Identifier: MIT
#include "tests/end_to_end/snapshot.hpp"
#include "tests/end_to_end/traces.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <csignal>
#include <filesystem>
#include <unistd.h>

using namespace gestvenv::test;

TEST_CASE("standard output holds what the command wrote and nothing else") {
    scene place;
    auto result = place.gestvenv({"run", "--", "python", "-c", "print('hello')"});
    CHECK(result.status == 0);
    CHECK(result.out == "hello\n");
    CHECK(result.err.empty());
}

TEST_CASE("the command runs the environment's own interpreter, in the caller's folder") {
    scene place;
    auto result = place.gestvenv(
        {"run", "python", "-c", "import os, sys; print(sys.prefix != sys.base_prefix, os.getcwd())"});
    CHECK(result.out == "True " + place.folder().string() + "\n");
    std::filesystem::create_directory(place.folder() / "inner");
    CHECK(place.gestvenv({"run", "--cwd", "inner", "pwd"}).out == (place.folder() / "inner").string() + "\n");
}

TEST_CASE("the command writes into the caller's folder") {
    scene place;
    CHECK(place.gestvenv({"run", "touch", "made"}).status == 0);
    CHECK(std::filesystem::exists(place.folder() / "made"));
}

TEST_CASE("the command reads the caller's standard input") {
    scene place;
    auto result = place.shell("echo text | \"$GESTVENV\" run cat");
    CHECK(result.out == "text\n");
    CHECK(result.status == 0);
}

TEST_CASE("output is live: it is there before the command ends") {
    scene place;
    auto program =
        place.start({"run", "sh", "-c", "echo first; while ! test -e go; do sleep 0.02; done; echo second"});
    program.wait_for_lines(1);
    CHECK(program.output_so_far() == "first\n");
    place.write("go", "");
    CHECK(program.wait().out == "first\nsecond\n");
}

TEST_CASE("arguments reach the command as they are") {
    scene place;
    CHECK(place.gestvenv({"run", "printf", "<%s>", "a b", "", "$HOME", "--name", "*", "--"}).out ==
          "<a b><><$HOME><--name><*><-->");
}

TEST_CASE("the exit status is the command's own") {
    scene place;
    CHECK(place.gestvenv({"run", "true"}).status == 0);
    CHECK(place.gestvenv({"run", "sh", "-c", "exit 7"}).status == 7);
    CHECK(place.gestvenv({"run", "sh", "-c", "exit 255"}).status == 255);
}

TEST_CASE("a command that a signal ends has status 128 and the signal's number") {
    scene place;
    CHECK(place.gestvenv({"run", "sh", "-c", "kill -TERM $$"}).status == 128 + SIGTERM);
    CHECK(place.gestvenv({"run", "sh", "-c", "kill -KILL $$"}).status == 128 + SIGKILL);
    CHECK(place.gestvenv({"run", "python", "-c", "import os; os.abort()"}).status == 128 + SIGABRT);
}

TEST_CASE("what cannot be run is told apart: 127, 126, and 124 for a timeout") {
    scene place;
    place.write("data", "not a program\n");
    snapshot shot{"cannot_run"};
    shot.add(place, {"run", "no-such-program"});
    shot.add(place, {"run", "./no-such-program"});
    shot.add(place, {"run", "./data"});
    shot.add(place, {"run", "./"});
    shot.add(place, {"run", "--timeout", "0.2", "--", "sleep", "1000"});
    shot.add(place, {"run", "--python", "9.9", "true"});
    shot.check();
}

TEST_CASE("a timeout ends the command with everything it started, though a grandchild holds the pipe") {
    scene place;
    const auto number = unique_number();
    place.write("script", "echo $VIRTUAL_ENV_PROMPT\n"
                          "sleep 1000." +
                              number +
                              " &\n"
                              "setsid sleep 1000." +
                              number +
                              " &\n"
                              "(trap '' TERM INT HUP; sleep 1000." +
                              number +
                              ") &\n"
                              "sleep 1000." +
                              number + "\n");
    auto result = place.shell("{ \"$GESTVENV\" run --timeout 1 sh script; echo $? >status; } | cat");
    CHECK(content_of(place.folder() / "status") == "124\n");
    CHECK(wait_for_processes(number, 0));
    check_nothing_left(id_in(result.out), ::geteuid());
}

TEST_CASE("an environment whose time to live ends under its command says so") {
    scene place;
    const auto number = unique_number();
    auto result =
        place.gestvenv({"run", "--ttl", "1", "sh", "-c", "echo $VIRTUAL_ENV_PROMPT; sleep 1000." + number});
    CHECK(result.status == 125);
    CHECK(result.err.find("ttl_expired") != std::string::npos);
    CHECK(wait_for_processes(number, 0));
    check_nothing_left(id_in(result.out), ::geteuid());
}

TEST_CASE("a background process that its command leaves behind goes with the environment") {
    scene place;
    const auto number = unique_number();
    auto result = place.gestvenv(
        {"run", "sh", "-c", "setsid sleep 1000." + number + " & echo $VIRTUAL_ENV_PROMPT; exit 3"});
    CHECK(result.status == 3);
    CHECK(processes_with(number).empty());
    check_nothing_left(id_in(result.out), ::geteuid());
}

TEST_CASE("a reader that goes away ends the command as it would in a pipe of a shell") {
    scene place;
    const auto number = unique_number();
    auto result = place.shell("{ \"$GESTVENV\" run sh -c 'echo $VIRTUAL_ENV_PROMPT; sleep 1000." + number +
                              " & while :; do echo more; done'; echo $? >status; } | head -n 1");
    CHECK(content_of(place.folder() / "status") == std::to_string(128 + SIGPIPE) + "\n");
    CHECK(wait_for_processes(number, 0));
    check_nothing_left(id_in(result.out), ::geteuid());
}

TEST_CASE("every storage works and is gone afterwards") {
    scene place;
    for (const char* storage : {"tmpfs", "memory", "disk"}) {
        CAPTURE(storage);
        auto result =
            place.gestvenv({"run", "--storage", storage, "sh", "-c",
                            "echo text >$TMPDIR/file && cat $TMPDIR/file && echo $VIRTUAL_ENV_PROMPT"});
        CHECK(result.status == 0);
        auto lines = lines_of(result.out);
        REQUIRE(lines.size() == 2);
        CHECK(lines[0] == "text");
        check_nothing_left(id_in(lines[1]), ::geteuid());
    }
}

TEST_CASE("a full storage is an error of the command that fills it") {
    scene place;
    auto result =
        place.gestvenv({"run", "--max-disk", "1", "sh", "-c", "head -c 5000000 /dev/zero >$TMPDIR/file"});
    CHECK(result.status == 1);
    CHECK(result.err.find("No space left on device") != std::string::npos);
}

TEST_CASE("a receipt says what was removed and that nothing is left") {
    scene place;
    snapshot shot{"receipt"};
    shot.add(place,
             {"run", "--name", "test", "--receipt", "-", "sh", "-c", "setsid sleep 1000 & echo output"});
    shot.check();
    CHECK(place.gestvenv({"run", "--name", "test", "--receipt", "receipt.json", "true"}).err.empty());
    auto text = content_of(place.folder() / "receipt.json");
    CHECK(text.find("\"environment_name\": \"test\"") != std::string::npos);
    CHECK(text.find("\"reason\": \"requested\"") != std::string::npos);
    CHECK(text.find("\"residue\": []") != std::string::npos);
    CHECK(place.gestvenv({"run", "--receipt", "/dev/full", "true"}).status == 125);
}

TEST_CASE("the option --verbose tells on standard error what is done") {
    scene place;
    snapshot shot{"verbose"};
    shot.add(place, {"-v", "run", "sh", "-c", "echo output; exit 7"});
    shot.check();
}

TEST_CASE("two programs run at once and see nothing of each other") {
    scene place;
    auto run = [&](const std::string& own, const std::string& other) {
        return place.start({"run", "sh", "-c",
                            "echo $VIRTUAL_ENV_PROMPT; touch $TMPDIR/" + own + " ready-" + own +
                                "; while ! test -e ready-" + other + "; do sleep 0.02; done; ls $TMPDIR"});
    };
    auto one = run("a", "b");
    auto two = run("b", "a");
    auto first = one.wait();
    auto second = two.wait();
    CHECK(first.status == 0);
    CHECK(second.status == 0);
    REQUIRE(lines_of(first.out).size() == 2);
    REQUIRE(lines_of(second.out).size() == 2);
    CHECK(lines_of(first.out)[1] == "a");
    CHECK(lines_of(second.out)[1] == "b");
    check_nothing_left(id_in(first.out), ::geteuid());
    check_nothing_left(id_in(second.out), ::geteuid());
}

TEST_CASE("a limit of open files that is too low is an error that names it") {
    scene place;
    auto limit = GENERATE(8, 12, 16, 18, 19, 20, 21, 22, 23, 30);
    CAPTURE(limit);
    auto result = place.shell("ulimit -n " + std::to_string(limit) + "; exec $GESTVENV run -- echo works");
    CAPTURE(result.err);
    if (result.status == 0) {
        CHECK(result.out == "works\n");
        return;
    }
    CHECK(result.status == 125);
    CHECK(result.err.find("Too many open files") != std::string::npos);
    CHECK(result.err.find("hint: raise the limit of open files (ulimit -n)") != std::string::npos);
}

TEST_CASE("a program whose standard streams are closed works all the same") {
    scene place;
    auto result = place.shell("\"$GESTVENV\" run sh -c 'echo text >file' <&- >&- 2>&-; echo $?");
    CHECK(result.out == "0\n");
    CHECK(content_of(place.folder() / "file") == "text\n");
}
