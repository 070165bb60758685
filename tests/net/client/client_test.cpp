// SPDX-License-Identifier: MIT
// A client of a node and a runtime in the same process are used by the same code, and answer alike.
#include "tests/net/client/small_node.hpp"
#include "tests/support/processes.hpp"

#include <gestvenv/client.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 60s;

struct in_this_process {
    test::small_node node;
    runtime& host = node.machine();
};

struct over_a_node {
    test::small_node node;
    client host{{.socket = node.socket()}};
};

command_spec shell(std::string text) {
    command_spec command;
    command.text = std::move(text);
    command.shell = true;
    return command;
}

template <class Call>
error error_of(const Call& call) {
    try {
        call();
    } catch (const ephemeral_exception& problem) {
        return problem.details();
    }
    FAIL("nothing was thrown");
    return {};
}

} // namespace

TEMPLATE_TEST_CASE("environments are made, listed, found, used and ended", "", in_this_process, over_a_node) {
    TestType f;
    auto first = f.host.create({.name = "first", .tags = {{"key", "value"}}});
    auto second = f.host.create();
    auto third = f.host.create_async().get();
    CHECK(f.host.list().size() == 3);
    CHECK(f.host.find("first").id == first.id());
    CHECK(f.host.find(first.id().substr(0, 8)).tags.at("key") == "value");
    CHECK(first.info().status == environment_status::ready);
    CHECK(std::filesystem::exists(first.host_path() / "work"));

    auto result = first.execute("sh -c 'echo out; echo err >&2; exit 3'");
    CHECK(result.returncode == 3);
    CHECK(result.stdout_text == "out\n");
    CHECK(result.stderr_text == "err\n");

    first.update_activity();
    CHECK(first.history().front().kind == event_kind::environment_created);
    CHECK(first.history(0).empty());
    CHECK(first.usage().processes >= 0);
    CHECK(first.usage_history().size() <= 720);
    CHECK(first.processes().total == 0);
    CHECK(first.processes(0).processes.empty());
    CHECK(f.host.usage().active_environments == 3);
    CHECK_FALSE(f.host.events().empty());
    CHECK(f.host.tree().find("supervisor") != std::string::npos);
    CHECK(f.host.configuration() == f.node.machine().configuration());
    CHECK(f.host.abilities().best == f.node.machine().abilities().best);
    CHECK(f.host.abilities().limits_memory == f.node.machine().abilities().limits_memory);

    auto receipt = first.destroy();
    CHECK(receipt.clean());
    CHECK(receipt.environment_name == "first");
    CHECK_FALSE(first);
    CHECK(f.host.cleanup(second.id()).clean());
    { auto moved = std::move(third); }
    CHECK(f.host.list().empty());
}

TEMPLATE_TEST_CASE("each failure is thrown as its exception", "", in_this_process, over_a_node) {
    TestType f;
    CHECK_THROWS_AS(f.host.create({.python_version = "9.9"}), environment_creation_exception);
    CHECK_THROWS_AS(f.host.create({.name = "not a name"}), invalid_argument_exception);
    CHECK_THROWS_AS(f.host.create({.requirements_file = "/no/such/file"}), invalid_argument_exception);
    for (const auto* name : {"missing", "with/slash", ".", "..", "a b%20?&#", ""}) {
        INFO(name);
        CHECK_THROWS_AS(f.host.find(name), environment_not_found_exception);
        CHECK_THROWS_AS(f.host.cleanup(name), environment_not_found_exception);
    }
    auto env = f.host.create({.name = "taken"});
    CHECK_THROWS_AS(f.host.create({.name = "taken"}), invalid_argument_exception);
    CHECK_THROWS_AS(env.execute("/no/such/program"), execution_exception);
    CHECK_THROWS_AS(env.execute(""), invalid_argument_exception);
    auto late = shell("echo begun; sleep 600");
    late.timeout = 200ms;
    try {
        env.execute(late);
        FAIL("the timeout did not throw");
    } catch (const command_timeout_exception& timeout) {
        CHECK(timeout.result().stdout_text == "begun\n");
        CHECK(timeout.details().environment == env.id());
    }
    auto other = f.host.attach("taken");
    std::promise<void> ready;
    auto running = env.execute_async(shell("echo ready; sleep 600"),
                                     [&ready](output_stream, std::string_view) { ready.set_value(); });
    REQUIRE(ready.get_future().wait_for(patience) == std::future_status::ready);
    CHECK_THROWS_AS(f.host.cleanup("taken"), cleanup_exception);
    CHECK(f.host.cleanup("taken", true).clean());
    CHECK_FALSE(running.get().success());
    CHECK_THROWS_AS(other.execute("true"), environment_not_found_exception);
    CHECK_THROWS_AS(env.packages(), environment_not_found_exception);
}

TEMPLATE_TEST_CASE("a command is controlled, and its output heard, while it runs", "", in_this_process,
                   over_a_node) {
    TestType f;
    auto env = f.host.create();
    command_control control;
    std::promise<int> stopped;
    std::promise<void> ready;
    control.on_stop([&stopped](int signal) { stopped.set_value(signal); });
    auto result =
        env.execute_async(shell("trap 'echo heard; exit 3' USR1; echo ready; while :; do sleep 0.02; done"),
                          control, [&ready](output_stream, std::string_view line) {
                              if (line == "ready")
                                  ready.set_value();
                          });
    REQUIRE(ready.get_future().wait_for(patience) == std::future_status::ready);
    CHECK(control.send_signal(SIGSTOP));
    auto stop = stopped.get_future();
    REQUIRE(stop.wait_for(patience) == std::future_status::ready);
    CHECK(stop.get() == SIGSTOP);
    CHECK(control.resume(true));
    CHECK(control.send_signal(SIGUSR1));
    auto ended = result.get();
    CHECK(ended.returncode == 3);
    CHECK(ended.stdout_text == "ready\nheard\n");
    CHECK_FALSE(control.send_signal(SIGUSR1));
    command_control refused;
    auto failed = env.execute_async({.arguments = {"/no/such/program"}}, refused);
    CHECK_THROWS_AS(failed.get(), execution_exception);
    CHECK_FALSE(refused.end());
}

TEST_CASE("what a client has made lives on when it is released, and ends with its shutdown otherwise") {
    test::small_node node;
    {
        client first{{.socket = node.socket()}};
        first.create({.name = "kept"}).release();
        auto made = first.create({.name = "ended"});
        auto receipts = first.shutdown();
        REQUIRE(receipts.size() == 1);
        CHECK(receipts.front().environment_name == "ended");
        CHECK(error_of([&] { first.create(); }).code == error_code::shutting_down);
        CHECK(first.find("kept").name == "kept");
    }
    client second{{.socket = node.socket()}};
    CHECK(second.attach("kept").execute("echo here").stdout_text == "here\n");
    CHECK(second.list().size() == 1);
    CHECK(second.cleanup_all().size() == 1);
    CHECK(second.list().empty());
}

TEST_CASE("an environment whose future is dropped is ended, and a creation is taken back") {
    test::small_node node;
    client host{{.socket = node.socket()}};
    { auto dropped = host.create_async({.name = "dropped"}); }
    std::stop_source stop;
    stop.request_stop();
    CHECK(error_of([&] { host.create({}, stop.get_token()); }).code == error_code::cancelled);
    CHECK(node.wait_for_end_of("dropped"));
    // A creation that had reached the node is taken back when the node sees that the connection is gone.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!host.list().empty() && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    CHECK(host.list().empty());
}

TEST_CASE("installers of a node get the variables and the folder of its client") {
    test::small_node node;
    client host{{.socket = node.socket()}};
    ::setenv("GESTVENV_TEST_CLIENT", "its own", 1);
    auto env = host.create();
    ::unsetenv("GESTVENV_TEST_CLIENT");
    auto sent = node.last_body();
    CHECK(sent["install_context"]["variables"]["GESTVENV_TEST_CLIENT"] == "its own");
    CHECK(sent["install_context"]["folder"] == std::filesystem::current_path().string());
    CHECK_THROWS_AS(env.install({"../no/requirement"}), invalid_argument_exception);
    CHECK_THROWS_AS(env.uninstall({"not-installed", ""}), ephemeral_exception);
    CHECK(node.last_body()["install_context"]["folder"] == std::filesystem::current_path().string());
    CHECK(env.packages().empty());
}

TEST_CASE("over TCP commands are captured, and what only this machine has is refused") {
    test::small_node node;
    client host{{.host = "127.0.0.1", .port = node.port(), .encrypted = false, .token = "secret"}};
    auto env = host.create({.tags = {{"key", "value"}}});
    CHECK(node.last_body()["install_context"].is_null());
    std::vector<std::string> lines;
    auto result = env.execute(shell("echo one; echo two; exit 3"),
                              [&lines](output_stream, std::string_view line) { lines.emplace_back(line); });
    CHECK(result.returncode == 3);
    CHECK(lines == std::vector<std::string>{"one", "two"});
    auto late = shell("echo begun; sleep 600");
    late.timeout = 200ms;
    CHECK_THROWS_AS(env.execute(late), command_timeout_exception);
    CHECK_THROWS_AS(env.execute("/no/such/program"), execution_exception);
    auto shares = shell("true");
    shares.streams = stream_mode::inherit;
    CHECK_THROWS_AS(env.execute(shares), invalid_argument_exception);
    command_control control;
    auto running = env.execute_async(shell("sleep 600"), control);
    CHECK(control.end());
    CHECK(error_of([&] { running.get(); }).code == error_code::cancelled);
    CHECK(env.destroy().clean());
}

TEST_CASE("a node that is not there, or goes away, is an error that says so") {
    client nowhere{{.socket = "/no/such/socket"}};
    CHECK(error_of([&] { nowhere.list(); }).code == error_code::node_unreachable);
    test::small_node node;
    client host{{.socket = node.socket()}};
    auto env = host.create();
    std::promise<void> ready;
    auto running = env.execute_async(shell("echo ready; sleep 600"),
                                     [&ready](output_stream, std::string_view) { ready.set_value(); });
    REQUIRE(ready.get_future().wait_for(patience) == std::future_status::ready);
    node.stop();
    CHECK(error_of([&] { running.get(); }).code == error_code::node_unreachable);
    CHECK(error_of([&] { env.info(); }).code == error_code::node_unreachable);
    CHECK(error_of([&] { env.execute("true"); }).code == error_code::node_unreachable);
}

TEST_CASE("answers that are none are errors, whatever they are") {
    test::small_node node;
    client host{{.socket = node.socket()}};
    auto env = host.create();
    auto answer = [&node](int status, std::string type, std::string body) {
        http::response what;
        what.status = status;
        what.headers.add("Content-Type", std::move(type));
        what.body = std::move(body);
        node.answer_all_with(std::move(what));
    };
    const auto all = [&] {
        return std::vector<error>{
            error_of([&] { host.list(); }),      error_of([&] { host.find("x"); }),
            error_of([&] { host.abilities(); }), error_of([&] { host.create(); }),
            error_of([&] { env.packages(); }),   error_of([&] { env.execute("true"); })};
    };
    for (const auto* body : {"", "text", "[1, 2", "{\"items\": 5}", "[[[]]]"}) {
        INFO(body);
        answer(200, "application/json", body);
        for (const auto& problem : all())
            CHECK(problem.code == error_code::node_unreachable);
    }
    answer(200, "application/json", "[1, 2");
    CHECK(error_of([&] { host.tree(); }).code == error_code::node_unreachable);
    answer(502, "text/html", "<html>from a proxy</html>");
    for (const auto& problem : all())
        CHECK(problem.code == error_code::node_unreachable);
    answer(500, "application/problem+json",
           R"({"code": "of_the_future", "detail": "why", "hint": "what to do"})");
    auto problem = error_of([&] { host.find("x"); });
    CHECK(problem.code == error_code::system_failure);
    CHECK(problem.message == "why");
    CHECK(problem.hint == "what to do");
    (void)env.release();
}

TEST_CASE("residue in a node's answer is thrown with its receipt") {
    test::small_node node;
    client host{{.socket = node.socket()}};
    auto env = host.create();
    teardown_receipt receipt;
    receipt.environment_id = env.id();
    receipt.residue.push_back({"folder", "/somewhere", "it is busy"});
    http::response what;
    what.status = 500;
    what.headers.add("Content-Type", "application/problem+json");
    what.body = nlohmann::json{{"code", "cleanup_incomplete"},
                               {"detail", "something is left"},
                               {"receipt", to_json_value(receipt)}}
                    .dump();
    node.answer_all_with(std::move(what));
    try {
        env.destroy();
        FAIL("the residue did not throw");
    } catch (const cleanup_exception& problem) {
        REQUIRE(problem.receipt().residue.size() == 1);
        CHECK(problem.receipt().residue.front().name == "/somewhere");
    }
}

TEST_CASE("a client ends with requests and commands under way") {
    test::small_node node;
    auto host = std::make_unique<client>(client_options{.socket = node.socket()});
    auto env = host->create();
    std::promise<void> ready;
    const auto word = test::unique_number();
    auto running = env.execute_async(shell("echo ready; sleep 600." + word),
                                     [&ready](output_stream, std::string_view) { ready.set_value(); });
    REQUIRE(ready.get_future().wait_for(patience) == std::future_status::ready);
    host.reset();
    CHECK(error_of([&] { running.get(); }).code == error_code::shutting_down);
    CHECK(error_of([&] { env.info(); }).code == error_code::shutting_down);
    CHECK(test::wait_for_processes(word, 0));
}

TEST_CASE("a client refuses options that do not fit, and its use in a forked child") {
    CHECK_THROWS_AS(client{client_options{}}, invalid_argument_exception);
    CHECK_THROWS_AS((client{client_options{.socket = "/a", .host = "b"}}), invalid_argument_exception);
    CHECK_THROWS_AS((client{client_options{.host = "b"}}), invalid_argument_exception);
    test::small_node node;
    client host{{.socket = node.socket()}};
    auto env = host.create();
    const auto child = ::fork();
    if (child == 0) {
        int status = 1;
        try {
            env.info();
        } catch (const ephemeral_exception& problem) {
            status = problem.details().code == error_code::shutting_down ? 0 : 2;
        }
        ::_exit(status);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(env.info().id == env.id());
}
