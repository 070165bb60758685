// SPDX-License-Identifier: MIT
// Futures, callbacks, cancellation and what a host hears, on the real machine.
#include "tests/runtime/host.hpp"

#include <catch2/catch_test_macros.hpp>

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::shell;

namespace {

constexpr auto patience = 20s;

} // namespace

TEST_CASE("environments and commands are begun at once and waited for later") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    std::vector<std::future<environment>> made;
    for (int i = 0; i < 10; ++i)
        made.push_back(host.create_async());
    std::vector<environment> environments;
    for (auto& item : made) {
        REQUIRE(item.wait_for(patience) == std::future_status::ready);
        environments.push_back(item.get());
    }
    CHECK(host.list().size() == 10);
    std::vector<std::future<operation_result>> results;
    for (auto& env : environments)
        results.push_back(env.execute_async(shell("echo $VIRTUAL_ENV; exit 3")));
    for (auto& item : results) {
        auto result = item.get();
        CHECK(result.returncode == 3);
        CHECK_FALSE(result.stdout_text.empty());
    }
}

TEST_CASE("a future throws what the blocking call would") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    environment_spec wrong;
    wrong.python_version = "9.9";
    CHECK_THROWS_AS(host.create_async(wrong).get(), ephemeral_exception);
    auto env = host.create();
    auto command = shell("sleep 60");
    command.timeout = 100ms;
    CHECK_THROWS_AS(env.execute_async(command).get(), command_timeout_exception);
    CHECK_THROWS_AS(env.install_async({.packages = {"--index-url=x"}}).get(), invalid_argument_exception);
}

TEST_CASE("an environment in a future without a waiter is destroyed") {
    test::temporary_folder folder;
    auto options = test::options_in(folder);
    std::mutex mutex;
    std::condition_variable news;
    bool gone = false;
    options.on_event = [&](const runtime_event& event) {
        std::scoped_lock lock{mutex};
        gone = gone || event.kind == event_kind::environment_gone;
        news.notify_all();
    };
    runtime host{options};
    static_cast<void>(host.create_async());
    std::unique_lock lock{mutex};
    CHECK(news.wait_for(lock, patience, [&] { return gone; }));
    lock.unlock();
    CHECK(host.list().empty());
}

TEST_CASE(
    "every line comes in order and before the result, from both streams, the last one without its end too") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    std::vector<std::string> out;
    std::vector<std::string> err;
    auto result =
        env.execute(shell("for i in $(seq 1000); do echo line $i; done; echo >&2 wrong; printf end"),
                    [&](output_stream stream, std::string_view line) {
                        (stream == output_stream::standard_output ? out : err).emplace_back(line);
                    });
    REQUIRE(out.size() == 1001);
    CHECK(out.front() == "line 1");
    CHECK(out[999] == "line 1000");
    CHECK(out.back() == "end");
    CHECK(err == std::vector<std::string>{"wrong"});
    CHECK(result.stdout_text.ends_with("line 1000\nend"));
}

TEST_CASE("a line comes while its command still runs") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    std::promise<std::string> first;
    bool seen = false;
    auto pending = env.execute_async(shell("mkfifo go; echo started; read answer <go; echo $answer"),
                                     [&](output_stream, std::string_view line) {
                                         if (!std::exchange(seen, true))
                                             first.set_value(std::string{line});
                                     });
    auto line = first.get_future();
    REQUIRE(line.wait_for(patience) == std::future_status::ready);
    CHECK(line.get() == "started");
    // Only now can the command end.
    std::ofstream{env.host_path() / "work" / "go"} << "on\n";
    CHECK(pending.get().stdout_text == "started\non\n");
}

TEST_CASE("a host slower than its command makes the command wait, and nothing is lost") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    std::size_t count = 0;
    std::size_t bytes = 0;
    auto command = shell("head -c 20000000 /dev/zero | tr '\\0' x | fold -w 999");
    command.output_limit = 1024;
    auto result = env.execute(command, [&](output_stream, std::string_view line) {
        if (++count % 1000 == 0)
            std::this_thread::sleep_for(1ms); // slower than the pipe
        bytes += line.size();
    });
    CHECK(bytes == 20'000'000);
    CHECK(result.stdout_cut);
}

TEST_CASE("a line without an end comes in pieces, however long it is") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    std::size_t bytes = 0;
    std::size_t longest = 0;
    env.execute(shell("head -c 300000 /dev/zero | tr '\\0' x"), [&](output_stream, std::string_view line) {
        bytes += line.size();
        longest = std::max(longest, line.size());
    });
    CHECK(bytes == 300'000);
    CHECK(longest == 64 * 1024);
}

TEST_CASE("a callback may throw: the command goes on, the log hears of it") {
    test::temporary_folder folder;
    auto options = test::options_in(folder);
    std::mutex mutex;
    std::string log;
    options.log = [&](std::string_view text) {
        std::scoped_lock lock{mutex};
        log += text;
    };
    runtime host{options};
    auto env = host.create();
    auto result = env.execute(shell("echo a; echo b"), [](output_stream, std::string_view) {
        throw std::runtime_error{"the host's own trouble"};
    });
    CHECK(result.success());
    std::scoped_lock lock{mutex};
    CHECK(log.find("the host's own trouble") != std::string::npos);
}

TEST_CASE("a host hears of the life of an environment in order, and can ask for it later") {
    test::temporary_folder folder;
    auto options = test::options_in(folder);
    std::vector<event_kind> heard;
    options.on_event = [&](const runtime_event& event) { heard.push_back(event.kind); };
    std::string id;
    {
        runtime host{options};
        auto env = host.create({.name = "mine"});
        id = env.id();
        env.execute("true");
        auto history = env.history();
        REQUIRE(history.size() == 4);
        CHECK(history[2].text == "true");
        CHECK(history[3].text == "exit status 0");
        env.destroy();
        auto events = host.events(100, id);
        REQUIRE_FALSE(events.empty());
        CHECK(events.back().kind == event_kind::environment_gone);
        CHECK(events.back().environment_name == "mine");
    }
    // The runtime's end waits for what was still to be said.
    CHECK(heard == std::vector{event_kind::environment_created, event_kind::environment_ready,
                               event_kind::command_started, event_kind::command_ended,
                               event_kind::environment_gone, event_kind::runtime_ending});
}

TEST_CASE("a creation that waits for room is taken back through its stop token") {
    test::temporary_folder folder;
    auto options = test::options_in(folder);
    options.config.max_concurrent = 1;
    runtime host{options};
    auto first = host.create();
    environment_spec patient;
    patient.wait_for_room = 60s;
    std::stop_source stop;
    auto waiting = host.create_async(patient, stop.get_token());
    CHECK(waiting.wait_for(50ms) == std::future_status::timeout);
    stop.request_stop();
    try {
        waiting.get();
        FAIL("it was made");
    } catch (const ephemeral_exception& problem) {
        CHECK(problem.details().code == error_code::cancelled);
    }
    auto second = host.create_async(patient);
    first.destroy();
    CHECK(second.get().execute("true").success());
}

TEST_CASE("a stop token that is stopped before its creation, or right after it, is not lost") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto code_of = [](std::future<environment> made) {
        try {
            made.get();
        } catch (const ephemeral_exception& problem) {
            return std::optional{problem.details().code};
        }
        return std::optional<error_code>{};
    };
    std::stop_source stopped;
    stopped.request_stop();
    for (int i = 0; i < 5; ++i)
        CHECK(code_of(host.create_async({}, stopped.get_token())) == error_code::cancelled);
    auto blocker = host.create();
    for (int i = 0; i < 5; ++i) {
        std::stop_source stop;
        environment_spec endless;
        endless.packages = {"gestvenv-has-no-such-package"};
        auto made = host.create_async(endless, stop.get_token());
        stop.request_stop();
        auto code = code_of(std::move(made));
        CHECK(code == error_code::cancelled);
    }
    CHECK(host.list().size() == 1);
}

TEST_CASE("a command with a callback fails after the end of its runtime as one without does") {
    test::temporary_folder folder;
    std::optional<environment> left;
    {
        runtime host{test::options_in(folder)};
        left.emplace(host.create());
    }
    for (bool with_callback : {false, true})
        try {
            if (with_callback)
                left->execute(shell("true"), [](output_stream, std::string_view) {});
            else
                left->execute(shell("true"));
            FAIL("it has run");
        } catch (const ephemeral_exception& problem) {
            CHECK(problem.details().code == error_code::shutting_down);
        }
}

TEST_CASE("limits are changed while the runtime lives") {
    test::temporary_folder folder;
    auto options = test::options_in(folder);
    options.config.max_concurrent = 1;
    runtime host{options};
    auto first = host.create();
    CHECK_THROWS_AS(host.create(), resource_exhausted_exception);
    auto config = host.configuration();
    config.max_concurrent = 2;
    host.configure(config);
    CHECK(host.configuration().max_concurrent == 2);
    auto second = host.create();
    config.max_concurrent = 0;
    CHECK_THROWS_AS(host.configure(config), invalid_argument_exception);
    CHECK(host.configuration().max_concurrent == 2);
}

TEST_CASE("an environment tells its age and idle time, and activity begins the idle time anew") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create({.ttl = 3600s});
    CHECK(env.age() < 60s);
    CHECK_FALSE(env.is_expired());
    CHECK_FALSE(env.is_idle_expired());
    auto before = env.info().last_activity;
    env.update_activity();
    CHECK(env.info().last_activity > before);
    CHECK(env.info().max_idle_time == unlimited);
}

TEST_CASE("the tree shows services and environments, and nothing has crashed") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create({.name = "mine"});
    auto tree = nlohmann::json::parse(host.tree());
    CHECK(tree["environments"][0]["name"] == "mine");
    std::vector<std::string> services;
    for (const auto& item : tree["services"]["children"]) {
        services.push_back(item["name"]);
        CHECK(item["state"] == "running");
    }
    CHECK(services.front() == "reaper");
    CHECK(host.crash_reports().empty());
}
