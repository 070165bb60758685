// SPDX-License-Identifier: MIT
// What the original Python project was seen to do wrong, one test each, on the real machine. Faults that need
// several processes, a configuration file or another isolation level are tested where those are.
#include "tests/runtime/host.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sys/statvfs.h>

#include <atomic>
#include <thread>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::shell;

TEST_CASE("a creation at the limit is refused at once, it does not wait for ever") {
    test::temporary_folder folder;
    auto options = test::options_in(folder);
    options.config.max_concurrent = 1;
    runtime host{options};
    auto first = host.create();
    CHECK_THROWS_AS(host.create(), resource_exhausted_exception);
    CHECK(first.execute("true").success());
}

TEST_CASE("six creations at once against a limit of two make two") {
    test::temporary_folder folder;
    auto options = test::options_in(folder);
    options.config.max_concurrent = 2;
    runtime host{options};
    std::atomic<int> made{0};
    std::atomic<int> refused{0};
    std::vector<environment> environments(6);
    std::vector<std::thread> threads;
    for (auto& item : environments)
        threads.emplace_back([&] {
            try {
                item = host.create();
                ++made;
            } catch (const resource_exhausted_exception&) {
                ++refused;
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(made == 2);
    CHECK(refused == 4);
}

TEST_CASE("the level and mode reported are those in force, and what cannot be had is refused") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto info = host.create().info();
    CHECK(info.isolation == isolation_level::process);
    CHECK(info.isolation_in_force == isolation_level::process);
    environment_spec spec;
    spec.isolation =
        GENERATE(isolation_level::namespace_, isolation_level::container, isolation_level::chroot);
    CHECK_THROWS_AS(host.create(spec), isolation_exception);
    CHECK(host.list().empty());
}

TEST_CASE("a running command outlives the idle limit of its environment") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create({.ttl = unlimited, .max_idle_time = 1s});
    CHECK(env.execute("sleep 2.5").success());
    CHECK(env.info().is_active());
}

TEST_CASE("a timeout is met although a grandchild holds the pipe") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    auto word = test::unique_number();
    auto command = shell("(setsid sleep 600." + word + " &) ; sleep 600." + word);
    command.timeout = 300ms;
    try {
        env.execute(command);
        FAIL("it ended");
    } catch (const command_timeout_exception& timeout) {
        CHECK(timeout.result().timed_out);
    }
    CHECK(test::wait_for_processes(word, 0));
    CHECK(env.execute("true").success());
}

TEST_CASE("an environment takes the room of its files, nothing is allocated ahead") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create({.storage_backend = storage_backend::tmpfs});
    struct statvfs status {};
    REQUIRE(::statvfs(env.host_path().c_str(), &status) == 0);
    auto used = (status.f_blocks - status.f_bfree) * status.f_frsize;
    CHECK(used < 1 << 20);
}

TEST_CASE("a package is one word, whatever is in it") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    auto trap = folder.path() / "trap";
    CHECK_THROWS_AS(env.install({"six; touch " + trap.string()}), invalid_argument_exception);
    CHECK_THROWS_AS(env.install({"$(touch " + trap.string() + ")"}), invalid_argument_exception);
    CHECK_FALSE(std::filesystem::exists(trap));
}

TEST_CASE("a; b runs a and b, and without a shell it is an error with a hint") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    CHECK(env.execute(shell("echo a; echo b")).stdout_text == "a\nb\n");
    try {
        env.execute("echo a; echo b");
        FAIL("it ran");
    } catch (const invalid_argument_exception& problem) {
        CHECK(problem.details().hint.find("shell") != std::string::npos);
    }
}

TEST_CASE("a venv is active without being sourced") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    CHECK(env.execute("sh -c 'command -v python'").stdout_text ==
          env.info().venv_path.string() + "/bin/python\n");
}

TEST_CASE("ending an environment that does not exist is an error") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    CHECK_THROWS_AS(host.cleanup("no-such-environment"), environment_not_found_exception);
}

TEST_CASE("a failed creation leaves nothing, and can be made again under its name") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    environment_spec spec{.name = "mine", .packages = {"there-is-no-such-package-as-this-one"}};
    CHECK_THROWS_AS(host.create(spec), ephemeral_exception);
    CHECK(host.list().empty());
    CHECK(test::names_in(folder.path() / "storage").empty());
    CHECK(host.create({.name = "mine"}).execute("true").success());
}
