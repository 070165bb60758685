// SPDX-License-Identifier: MIT
// The host program's view, on real interpreters.
#include "tests/runtime/host.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <csignal>
#include <fstream>
#include <future>
#include <set>
#include <thread>

using namespace gestvenv;
using namespace std::chrono_literals;

TEST_CASE("an environment is an activated venv: python, prefix, variables, working folder of its own") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create({.name = "test"});
    auto result =
        env.execute("python -c 'import sys, os; print(sys.prefix != sys.base_prefix); print(sys.prefix); "
                    "print(os.environ[\"VIRTUAL_ENV\"]); print(os.getcwd())'");
    auto info = env.info();
    CHECK(result.stdout_text == "True\n" + info.venv_path.string() + "\n" + info.venv_path.string() + "\n" +
                                    info.storage_path.string() + "/work\n");
    CHECK(result.success());
    CHECK(info.status == environment_status::ready);
    CHECK(info.is_active());
}

TEST_CASE("the host reads and writes an environment's files by its host path, on every storage") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    environment_spec spec;
    spec.storage_backend = GENERATE(storage_backend::tmpfs, storage_backend::memory, storage_backend::disk);
    auto env = host.create(spec);
    std::ofstream{env.host_path() / "work" / "script.py"} << "print(6 * 7)";
    CHECK(env.execute("python script.py").stdout_text == "42\n");
    auto receipt = env.destroy();
    CHECK(receipt.clean());
    CHECK(receipt.files_removed > 10);
    CHECK(test::names_in(folder.path() / "storage").empty());
}

TEST_CASE("an environment that goes out of scope is gone") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto word = test::unique_number();
    {
        auto env = host.create();
        env.execute("sh -c 'setsid sleep 600." + word + " & exit 0'");
        REQUIRE(test::wait_for_processes(word, 1));
        CHECK(host.list().size() == 1);
    }
    CHECK(host.list().empty());
    CHECK(test::processes_with(word).empty());
}

TEST_CASE("a released environment outlives its object, is found again, and ends by its time to live") {
    test::temporary_folder folder;
    auto options = test::options_in(folder);
    std::promise<void> expired;
    options.on_event = [&expired](const runtime_event& event) {
        if (event.kind == event_kind::environment_gone && event.environment_name == "short")
            expired.set_value();
    };
    runtime host{options};
    auto made = host.create({.name = "kept", .ttl = 3600s});
    auto id = made.release();
    CHECK(id == made.id());
    CHECK_FALSE(made);
    CHECK_THROWS_AS(made.execute("true"), ephemeral_exception);
    {
        auto again = host.attach("kept");
        CHECK(again.id() == id);
        CHECK(again.execute("echo here").stdout_text == "here\n");
        auto moved = std::move(again);
    }
    CHECK(host.list().size() == 1);
    CHECK_THROWS_AS(host.attach("missing"), environment_not_found_exception);
    host.attach(id).destroy();
    CHECK(host.list().empty());

    host.create({.name = "short", .ttl = 1s}).release();
    CHECK(expired.get_future().wait_for(60s) == std::future_status::ready);
    CHECK(host.list().empty());
}

TEST_CASE("a runtime ends while threads go on that have made it or asked it") {
    test::temporary_folder folder;
    std::promise<void> done;
    auto until = done.get_future().share();
    std::promise<std::unique_ptr<runtime>> made;
    std::thread maker{[&] {
        made.set_value(std::make_unique<runtime>(test::options_in(folder)));
        until.wait();
    }};
    auto host = made.get_future().get();
    std::promise<void> asked;
    std::thread asker{[&] {
        CHECK_FALSE(host->tree().empty());
        asked.set_value();
        until.wait();
    }};
    asked.get_future().wait();
    auto ended = std::async(std::launch::async, [&] { host.reset(); });
    CHECK(ended.wait_for(20s) == std::future_status::ready);
    done.set_value();
    maker.join();
    asker.join();
}

TEST_CASE("a moved-from or destroyed environment says so instead of crashing") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto first = host.create();
    auto second = std::move(first);
    CHECK_THROWS_AS(first.execute("true"), ephemeral_exception); // NOLINT(bugprone-use-after-move): the point
    second.destroy();
    CHECK_FALSE(second);
    CHECK_THROWS_AS(second.execute("true"), ephemeral_exception);
}

TEST_CASE("a timeout throws with what the command had written, and leaves no descendant") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    auto word = test::unique_number();
    command_spec command;
    command.text = "echo begun; setsid sleep 600." + word + " & sleep 600." + word;
    command.shell = true;
    command.timeout = 300ms;
    try {
        env.execute(command);
        FAIL("the timeout did not throw");
    } catch (const command_timeout_exception& timeout) {
        CHECK(timeout.result().stdout_text == "begun\n");
        CHECK(timeout.result().timed_out);
        CHECK(timeout.result().signal == SIGTERM);
        CHECK(timeout.details().environment == env.id());
    }
    CHECK(test::wait_for_processes(word, 0));
    CHECK(env.execute("echo next").stdout_text == "next\n");
}

TEST_CASE("a shell runs where it is asked for, and where it is not its words are refused") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    CHECK_THROWS_AS(env.execute("echo a; echo b"), invalid_argument_exception);
    command_spec command;
    command.text = "echo a; echo b";
    command.shell = true;
    CHECK(env.execute(command).stdout_text == "a\nb\n");
}

TEST_CASE("none of the host's variables reach a command, named ones do") {
    test::temporary_folder folder;
    ::setenv("GESTVENV_TEST_SECRET", "secret", 1);
    runtime host{test::options_in(folder)};
    ::unsetenv("GESTVENV_TEST_SECRET");
    auto env = host.create();
    command_spec command;
    command.arguments = {"env"};
    command.variables = {{"NAMED", "yes"}};
    auto output = env.execute(command).stdout_text;
    CHECK(output.find("secret") == std::string::npos);
    CHECK(output.find("NAMED=yes\n") != std::string::npos);
}

TEST_CASE("standard input, output, errors and status of a command are the host's to see") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    command_spec command;
    command.arguments = {"python", "-c", "import sys; print(sys.stdin.read().upper()); sys.exit('no')"};
    command.standard_input = "hello";
    auto result = env.execute(command);
    CHECK(result.stdout_text == "HELLO\n");
    CHECK(result.stderr_text == "no\n");
    CHECK(result.returncode == 1);
    CHECK_THROWS_AS(env.execute("no-such-program"), execution_exception);
}

TEST_CASE("commands run side by side in one environment") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    // Each waits for the other: one after another they would never end.
    auto meet = [&](const std::string& mine, const std::string& other) {
        command_spec command;
        command.shell = true;
        command.text = "touch " + mine + "; while [ ! -e " + other + " ]; do sleep 0.01; done";
        command.timeout = 20s;
        return env.execute(command).returncode;
    };
    auto first = std::async(std::launch::async, meet, "a", "b");
    auto second = std::async(std::launch::async, meet, "b", "a");
    CHECK(first.get() == 0);
    CHECK(second.get() == 0);
}

TEST_CASE("eight threads create and destroy at once, and nothing is mixed up or left") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    std::vector<std::future<bool>> threads;
    for (int i = 0; i < 8; ++i)
        threads.push_back(std::async(std::launch::async, [&host, i] {
            bool right = true;
            for (int round = 0; round < 5; ++round) {
                auto env = host.create();
                auto text = std::to_string(i) + "-" + std::to_string(round);
                right =
                    right && env.execute("echo " + text).stdout_text == text + "\n" && env.destroy().clean();
            }
            return right;
        }));
    for (auto& thread : threads)
        CHECK(thread.get());
    CHECK(host.list().empty());
}

TEST_CASE("a full storage says so") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    environment_spec spec;
    spec.resource_limits.max_disk = 1;
    spec.storage_backend = storage_backend::tmpfs;
    auto env = host.create(spec);
    auto written = env.execute("head -c 5000000 /dev/zero", 10s);
    CHECK(written.stdout_cut); // 4 MiB stay in memory; there is no room for the rest
    auto copied = env.execute("dd if=/dev/zero of=file bs=1M count=5");
    CHECK(copied.stderr_text.find("No space left on device") != std::string::npos);
    CHECK(env.destroy().clean());
}

TEST_CASE("unknown interpreters are refused with what there is") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    environment_spec spec;
    spec.python_version = GENERATE("9.9", "/no/such/python");
    try {
        host.create(spec);
        FAIL("it was made");
    } catch (const ephemeral_exception& refused) {
        CHECK_FALSE(refused.details().hint.empty());
    }
    CHECK(host.list().empty());
}
