// SPDX-License-Identifier: MIT
#include "tests/support/machine_fixture.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::answer;
using test::each_containment;
using fixture = test::machine_fixture;

namespace {

// Every way of holding processes together that can be had on this machine gets the same tests.
} // namespace

TEST_CASE("a command's output, exit status and usage come back") {
    fixture f{each_containment()};
    auto result = f.run("printf out; printf err >&2; exit 7");
    REQUIRE(result);
    CHECK(result->stdout_text == "out");
    CHECK(result->stderr_text == "err");
    CHECK(result->returncode == 7);
    CHECK_FALSE(result->signal);
    CHECK(result->peak_memory_bytes > 0);
    CHECK(result->duration > 0ns);
}

TEST_CASE("a command ended by a signal says which") {
    fixture f{each_containment()};
    auto result = f.run("kill -SEGV $$");
    REQUIRE(result);
    CHECK(result->signal == SIGSEGV);
    CHECK(result->returncode == 128 + SIGSEGV);
}

TEST_CASE("standard input reaches the command, however long") {
    fixture f;
    auto request = f.shell("wc -c");
    request.standard_input = std::string(3 << 20, 'x');
    auto result = f.run(std::move(request));
    REQUIRE(result);
    CHECK(result->stdout_text == "3145728\n");
}

TEST_CASE("a command that does not read its input is no error") {
    fixture f;
    auto request = f.shell("exit 0");
    request.standard_input = std::string(3 << 20, 'x');
    auto result = f.run(std::move(request));
    REQUIRE(result);
    CHECK(result->success());
}

TEST_CASE("a command gets no variable and no descriptor that was not given to it") {
    fixture f{each_containment()};
    auto result = f.run("env | sort; ls /proc/self/fd | wc -l");
    REQUIRE(result);
    // ls itself opens the folder it lists: 0, 1, 2 and that one.
    CHECK(result->stdout_text.find("PATH=/usr/bin:/bin\n") != std::string::npos);
    CHECK(result->stdout_text.find("HOME") == std::string::npos);
    CHECK(result->stdout_text.ends_with("\n4\n"));
}

TEST_CASE("a program that does not exist and one that cannot be executed are told apart") {
    fixture f{each_containment()};
    auto request = f.shell("");
    request.program.arguments = {"no-such-program"};
    auto missing = f.run(std::move(request));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == error_code::command_not_found);
    request = f.shell("");
    request.program.arguments = {"/etc/passwd"};
    auto forbidden = f.run(std::move(request));
    REQUIRE_FALSE(forbidden);
    CHECK(forbidden.error().code == error_code::command_not_executable);
    request = f.shell("");
    request.program.working_directory = "/no/such/folder";
    auto nowhere = f.run(std::move(request));
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().code == error_code::invalid_argument);
    // The keeper serves on.
    CHECK(f.run("exit 0"));
}

TEST_CASE("the end of a command is its exit, not the end of its output") {
    fixture f{each_containment()};
    auto result = f.run("sleep 600 & printf done");
    REQUIRE(result);
    CHECK(result->stdout_text == "done");
}

TEST_CASE("a killed command takes every descendant along and nothing else") {
    fixture f{each_containment()};
    auto bystander = test::unique_number();
    auto word = test::unique_number();
    REQUIRE(f.run("sleep 600." + bystander + " & exit 0"));
    // A child, one in a session of its own, and a daemon that left the tree by a double fork.
    auto request =
        f.shell("sleep 600." + word + " & setsid sleep 600." + word + " & (setsid sh -c 'sleep 600." + word +
                " & exit 0' &) ; trap '' TERM; sleep 600." + word);
    auto number = request.program.command;
    auto result = f.begin(std::move(request));
    // Four sleeps, and the command's own shell, whose command line has the word too.
    REQUIRE(test::wait_for_processes("600." + word, 5));
    f.machine->kill(f.id, number, 0ms);
    auto ended = result.get();
    REQUIRE(ended);
    CHECK(ended->signal == SIGKILL);
    CHECK(test::wait_for_processes(word, 0, 200ms));
    CHECK(test::processes_with(bystander).size() == 1);
}

TEST_CASE("output beyond the memory limit goes to a file, beyond the output limit it is cut") {
    fixture f;
    auto spilled = f.run("head -c 3000000 /dev/zero | tr '\\0' x");
    REQUIRE(spilled);
    CHECK(spilled->stdout_text.size() == 1 << 20);
    CHECK(spilled->stdout_bytes == 3000000);
    CHECK_FALSE(spilled->stdout_cut);
    CHECK(std::filesystem::file_size(spilled->stdout_file) == 3000000);
    auto cut = f.run("head -c 30000000 /dev/zero | tr '\\0' x");
    REQUIRE(cut);
    CHECK(cut->stdout_cut);
    CHECK(cut->stdout_bytes == 30000000);
    CHECK(std::filesystem::file_size(cut->stdout_file) == 4 << 20);
}

TEST_CASE("a link planted where output is spilled does not lead outside") {
    fixture f;
    auto target = f.root.path() / "precious";
    std::ofstream{target} << "precious";
    REQUIRE(f.run("ln -s " + target.string() + " ../output/command-2-stdout"));
    auto result = f.run("head -c 3000000 /dev/zero");
    REQUIRE(result);
    CHECK(result->stdout_cut);
    CHECK(std::filesystem::file_size(target) == 8);
}

TEST_CASE("teardown leaves no process, cgroup or folder, and counts them") {
    auto storage = GENERATE(storage_backend::tmpfs, storage_backend::disk);
    fixture f{each_containment(), storage};
    auto word = test::unique_number();
    REQUIRE(f.run("printf 12345678 > file; setsid sleep 600." + word + " & setsid sleep 600." + word +
                  " & exit 0"));
    REQUIRE(test::wait_for_processes(word, 2));
    // The command's guard has said that it ended, and may be there for a moment more.
    const auto keeper = std::to_string(f.keeper_started.keeper_pid);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    auto children = [&keeper] {
        std::ifstream list{"/proc/" + keeper + "/task/" + keeper + "/children"};
        return std::distance(std::istream_iterator<int>{list}, {});
    };
    while (children() != 2 && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    auto ended = f.end();
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    CHECK(ended->processes_killed == 2);
    CHECK(ended->files_removed >= 5);
    CHECK(ended->bytes_removed > 0);
    CHECK(test::processes_with(word).empty());
    for (const auto& group : f.keeper_started.cgroups)
        CHECK_FALSE(std::filesystem::exists(group));
    CHECK_FALSE(std::filesystem::exists(f.root.path() / "storage" / f.id));
}

TEST_CASE("teardown asks before it kills") {
    fixture f{each_containment()};
    auto mark = f.root.path() / "polite";
    auto word = test::unique_number();
    auto result = f.begin(
        f.shell("trap 'echo yes > " + mark.string() + "; exit 3' TERM; sleep 600." + word + " & wait"));
    REQUIRE(test::wait_for_processes("600." + word, 2));
    auto ended = f.end(5s);
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    CHECK(std::filesystem::exists(mark));
}

TEST_CASE("a process that ignores every request to end is killed when its grace is over") {
    fixture f{each_containment()};
    auto word = test::unique_number();
    auto result = f.begin(f.shell("trap '' TERM INT HUP; sleep 600." + word + "; sleep 600." + word));
    REQUIRE(test::wait_for_processes("600." + word, 2));
    auto ended = f.end(50ms);
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    CHECK(test::processes_with(word).empty());
    // Either may come first: the keeper that its command was killed, or the connection that the keeper is
    // gone.
    auto last = result.get();
    CHECK((last ? last->signal == SIGKILL : last.error().code == error_code::environment_gone));
}

TEST_CASE("the death of the launcher is the death of every process, and is told") {
    fixture f{each_containment()};
    auto word = test::unique_number();
    auto result = f.begin(f.shell("setsid sleep 600." + word + " & setsid sleep 600." + word + " & wait"));
    REQUIRE(test::wait_for_processes("600." + word, 3));
    ::kill(static_cast<pid_t>(f.machine->greeting().launcher_pid), SIGKILL);
    CHECK(f.lost.get_future().wait_for(5s) == std::future_status::ready);
    CHECK(test::wait_for_processes(word, 0, 2s));
    CHECK_FALSE(result.get());
    // A new launcher takes over; what the old one left is removed through it.
    REQUIRE(f.machine->restart());
    auto undone = answer<protocol::ended>([&](auto done) {
        f.machine->undo({{}, "owner", f.keeper_started.cgroups}, done);
    });
    REQUIRE(undone);
    CHECK(undone->residue.empty());
    for (const auto& group : f.keeper_started.cgroups)
        CHECK_FALSE(std::filesystem::exists(group));
}
