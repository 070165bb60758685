// SPDX-License-Identifier: MIT
// A terminal in an environment, from the other end of a WebSocket.
#include "tests/net/embedded_node.hpp"
#include "tests/net/web_socket_client.hpp"
#include "tests/support/resident_memory.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <sys/socket.h>
#include <thread>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

std::string escaped(std::string_view text) {
    std::string target;
    for (unsigned char byte : text)
        target +=
            std::isalnum(byte) != 0 ? std::string(1, static_cast<char>(byte)) : fmt::format("%{:02X}", byte);
    return target;
}

std::string target_of(const environment_info& env, std::string_view script, std::string_view more = {}) {
    return fmt::format("/api/v1/ephemeral/environments/{}/terminal?command={}{}", env.id,
                       escaped(fmt::format("sh -c '{}'", script)), more);
}

web_socket_client open(const embedded_node& node, const environment_info& env, std::string_view script,
                       std::string_view more = {}) {
    web_socket_client client{node.address(), target_of(env, script, more)};
    REQUIRE_THAT(client.head(), StartsWith("HTTP/1.1 101"));
    return client;
}

std::string operation_of(web_socket_client& client) {
    auto first = client.read();
    REQUIRE(first.what == web_socket_client::kind::text);
    return "/api/v1/operations/" + nlohmann::json::parse(first.bytes)["operation"].get<std::string>();
}

bool is_over(const nlohmann::json& operation) {
    return operation["status"] != "running";
}

} // namespace

TEST_CASE("a terminal passes bytes both ways, and tells how its command ended") {
    embedded_node node;
    auto env = node.create();
    auto client = open(
        node, env, "test -t 0 && test -t 1 && test -t 2 && echo $TERM; read line; echo got:$line; exit 3");
    client.read_until("xterm-256color");
    client.type("hello\r");
    CHECK_THAT(client.read_until("got:hello"), ContainsSubstring("got:hello"));
    client.read_all();
    CHECK(client.told()["exit"]["returncode"] == 3);
    CHECK(client.close_code() == 1000);
    CHECK(node.becomes("/api/v1/operations/" + client.told()["operation"].get<std::string>(), is_over));
}

TEST_CASE("a terminal runs the environment's python unless told otherwise") {
    embedded_node node;
    auto env = node.create();
    web_socket_client client{node.address(),
                             fmt::format("/api/v1/ephemeral/environments/{}/terminal", env.id)};
    client.read_until(">>> ");
    client.type("import sys; print('in', sys.prefix)\r");
    const auto wanted = "in " + env.venv_path.string();
    auto shown = client.read_until(wanted);
    REQUIRE_THAT(shown, ContainsSubstring(wanted));
    // Between its lines it has no modes in which the next key is one.
    while (shown.find(">>> ", shown.find(wanted)) == std::string::npos) {
        auto next = client.read();
        REQUIRE(next.what == web_socket_client::kind::binary);
        shown += next.bytes;
    }
    client.type("\x04");
    client.read_all();
    CHECK(client.told()["exit"]["returncode"] == 0);
}

TEST_CASE("a terminal has the size that was asked for, and hears of a new one") {
    embedded_node node;
    auto env = node.create();
    auto client = open(node, env, "stty size; read x; stty size", "&columns=100&rows=30");
    client.read_until("30 100");
    client.control({{"resize", {{"columns", 120}, {"rows", 40}}}});
    client.type("\r");
    CHECK_THAT(client.read_until("40 120"), ContainsSubstring("40 120"));
    client.read_all();
    CHECK(client.close_code() == 1000);
}

TEST_CASE("Ctrl-C and a signal reach the foreground of a terminal") {
    embedded_node node;
    auto env = node.create();
    for (bool by_key : {true, false}) {
        auto client =
            open(node, env, "trap \"echo caught; exit 5\" INT; echo ready; while :; do sleep 0.05; done");
        client.read_until("ready");
        if (by_key)
            client.type("\x03");
        else
            client.control({{"signal", "INT"}});
        CHECK_THAT(client.read_until("caught"), ContainsSubstring("caught"));
        client.read_all();
        CHECK(client.told()["exit"]["returncode"] == 5);
    }
}

TEST_CASE("a program that is stopped is told, and can be continued") {
    embedded_node node;
    auto env = node.create();
    auto client = open(node, env, "echo ready; kill -TSTP $$; echo went on");
    client.read_until("ready");
    while (!client.told().contains("stopped")) {
        auto next = client.read();
        REQUIRE(next.what != web_socket_client::kind::close);
        if (next.what == web_socket_client::kind::text && next.bytes.find("stopped") != std::string::npos)
            break;
    }
    client.control({{"signal", "CONT"}});
    CHECK_THAT(client.read_until("went on"), ContainsSubstring("went on"));
}

TEST_CASE("a control that is no good is told, and the terminal goes on") {
    embedded_node node;
    auto env = node.create();
    auto client = open(node, env, "read x; echo got:$x");
    for (const char* wrong : {"no JSON", "{}", R"({"resize": {"columns": 0, "rows": 1}})",
                              R"({"resize": {"columns": 1e99, "rows": 1}})", R"({"signal": "NONE"})",
                              R"({"signal": 2})", "[]", R"({"resize": [], "signal": "INT"})"}) {
        INFO(wrong);
        client.send(web_socket_client::kind::text, wrong);
        auto answer = client.read();
        while (answer.bytes.find("operation") != std::string::npos)
            answer = client.read();
        CHECK_THAT(answer.bytes, ContainsSubstring("refused"));
    }
    client.type("x\r");
    CHECK_THAT(client.read_until("got:x"), ContainsSubstring("got:x"));
}

TEST_CASE("a client that vanishes takes its command with it") {
    runtime_config config;
    config.stop_grace = 200ms;
    embedded_node node{config};
    auto env = node.create();
    for (const char* script :
         {"exec sleep 1000", "trap \"\" TERM HUP INT; echo ready; while :; do sleep 0.05; done"}) {
        INFO(script);
        auto client = open(node, env, script);
        auto operation = operation_of(client);
        client.vanish();
        CHECK(node.becomes(operation, is_over));
    }
}

TEST_CASE("a command of a terminal is listed, and can be cancelled") {
    embedded_node node;
    auto env = node.create();
    auto client = open(node, env, "exec sleep 1000");
    auto operation = operation_of(client);
    http::request wish;
    wish.method = "DELETE";
    wish.target = operation;
    REQUIRE(node.connect().ask(wish)->status == 204);
    client.read_all();
    CHECK(client.told().contains("exit"));
    CHECK(client.close_code() == 1000);
}

TEST_CASE("a command that cannot be run, and an environment that ends, are told") {
    embedded_node node;
    auto env = node.create();
    web_socket_client missing{
        node.address(),
        fmt::format("/api/v1/ephemeral/environments/{}/terminal?command=no-such-program", env.id)};
    missing.read_all();
    CHECK(missing.told()["problem"]["code"] == "command_not_found");
    CHECK(missing.close_code() == 1011);
    auto client = open(node, env, "echo ready; exec sleep 1000");
    client.read_until("ready");
    REQUIRE(node.ask("DELETE", env.id + "?force=true").status == 200);
    client.read_all();
    CHECK((client.told().contains("exit") || client.told().contains("problem")));
}

TEST_CASE("a slow reader makes the program wait, and misses nothing") {
    embedded_node node;
    auto env = node.create();
    constexpr std::size_t size = 100'000'000;
    auto client = open(node, env, fmt::format("head -c {} /dev/zero", size));
    const auto before = resident_kilobytes();
    auto largest = before;
    std::size_t received = 0;
    bool same = true;
    while (true) {
        auto next = client.read();
        if (next.what == web_socket_client::kind::close)
            break;
        if (next.what == web_socket_client::kind::text)
            continue;
        received += next.bytes.size();
        same =
            same && std::all_of(next.bytes.begin(), next.bytes.end(), [](char byte) { return byte == '\0'; });
        largest = std::max(largest, resident_kilobytes());
    }
    CHECK(received == size);
    CHECK(same);
    CHECK(largest - before < 16 * 1024);
}

TEST_CASE("a program that does not read makes the client wait, and ends all the same") {
    embedded_node node;
    auto env = node.create();
    auto client = open(node, env, "exec sleep 1000");
    auto operation = operation_of(client);
    std::string lines(16 << 10, '\n');
    std::size_t sent = 0;
    constexpr std::size_t all = std::size_t{64} << 20;
    timeval patience_for_room{1, 0};
    ::setsockopt(client.number(), SOL_SOCKET, SO_SNDTIMEO, &patience_for_room, sizeof patience_for_room);
    while (sent < all && client.type(lines))
        sent += lines.size();
    CHECK(sent < all);
    client.vanish();
    CHECK(node.becomes(operation, is_over));
}

TEST_CASE("a tunnel to a session takes nothing but a session's frames") {
    embedded_node node;
    const auto target = "/api/v1/ephemeral/environments/" + node.create().id + "/terminals/connection";
    web_socket_client talker{node.address(), target};
    REQUIRE_THAT(talker.head(), StartsWith("HTTP/1.1 101"));
    REQUIRE(talker.send(web_socket_client::kind::text, "{}"));
    talker.read_all();
    CHECK(talker.close_code() == 1003);
    web_socket_client stranger{node.address(), target};
    REQUIRE(stranger.type("GET / HTTP/1.1\r\n\r\n"));
    stranger.read_all();
    CHECK(stranger.close_code() == 1000);
}

TEST_CASE("what is no WebSocket, or of another origin, gets no terminal") {
    embedded_node node;
    auto env = node.create();
    CHECK(node.ask("GET", env.id + "/terminal").status == 400);
    CHECK(node.ask("GET", env.id + "/terminals/connection").status == 400);
    CHECK(node.ask("GET", "missing/terminal").status == 404);
    CHECK(node.ask("GET", env.id + "/terminal?columns=0").status == 400);
    CHECK(node.ask("GET", env.id + "/terminal", {},
                   {{"Origin", "https://elsewhere.example"},
                    {"Host", "localhost"},
                    {"Sec-WebSocket-Key", "MDEyMzQ1Njc4OTAxMjM0NQ=="}})
              .status == 403);
}
