// SPDX-License-Identifier: MIT
// Clients that vanish, and servers that end.
#include "tests/net/http_fixture.hpp"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;
using Catch::Matchers::EndsWith;

TEST_CASE("a client that closes its connection while the handler works is found") {
    keeping_server server;
    for (const auto& where : {server.unix_address(), server.tcp_address()}) {
        raw_client client{where};
        client.send(plain_get);
        REQUIRE(server.arrived.wait(where.socket.empty() ? 2 : 1));
        client.close();
        CHECK(server.gone.wait(where.socket.empty() ? 2 : 1));
    }
}

TEST_CASE("a client of a Unix socket that only ends writing is not gone, and gets its answer") {
    keeping_server server;
    raw_client client{server.unix_address()};
    client.send(plain_get);
    client.end_writing();
    REQUIRE(server.arrived.wait());
    // A round through the server's loop: it has seen the end of the writing.
    raw_client other{server.unix_address()};
    other.send("nonsense\r\n\r\n");
    other.read_all();
    CHECK_FALSE(server.gone.is_set());
    http::response answer;
    answer.body = "late";
    server.kept->answer(std::move(answer));
    CHECK_THAT(client.read_all(), EndsWith("late"));
}

TEST_CASE("a client that has only ended writing is found when it closes") {
    keeping_server server;
    raw_client client{server.unix_address()};
    client.send(plain_get);
    client.end_writing();
    REQUIRE(server.arrived.wait());
    client.close();
    CHECK(server.gone.wait());
}

TEST_CASE("a half-closed client over TCP gets an answer that is given all the same") {
    keeping_server server;
    raw_client client{server.tcp_address()};
    client.send(plain_get);
    client.end_writing();
    REQUIRE(server.arrived.wait());
    REQUIRE(server.gone.wait());
    http::response answer;
    answer.body = "late";
    server.kept->answer(std::move(answer));
    CHECK_THAT(client.read_all(), EndsWith("late"));
}

TEST_CASE("who asks late whether the client is gone hears it at once") {
    keeping_server server;
    {
        raw_client client{server.unix_address()};
        client.send(plain_get);
        REQUIRE(server.arrived.wait());
    }
    REQUIRE(server.gone.wait());
    event again;
    server.kept->on_gone([&] { again.set(); });
    CHECK(again.wait());
}

TEST_CASE("a client that vanishes from a streamed answer is found, without anything being written") {
    streaming_server server;
    int times = 0;
    for (const auto& where : {server.unix_address(), server.tcp_address()}) {
        ++times;
        raw_client client{where};
        client.send(plain_get);
        client.read_until("\r\n\r\n");
        client.close();
        CHECK(server.gone.wait(times));
    }
    CHECK(server.get().load().streams == 0);
    CHECK(server.get().load().requests_in_flight == 0);
}

TEST_CASE("answers to clients that are gone, and after the server's end, do nothing") {
    keeping_server server;
    std::shared_ptr<http::exchange> first;
    {
        raw_client client{server.unix_address()};
        client.send(plain_get);
        REQUIRE(server.arrived.wait());
        first = server.kept;
    }
    REQUIRE(server.gone.wait());
    first->answer({});
    raw_client client{server.unix_address()};
    client.send(plain_get);
    REQUIRE(server.arrived.wait(2));
    auto second = std::move(server.kept);
    server.end();
    auto stream = second->begin({});
    CHECK(stream->write("nothing"));
    stream->end();
    CHECK(client.read_all().empty());
}

TEST_CASE("a server that is drained ends idle connections, and others after their answer") {
    keeping_server server;
    raw_client idle{server.unix_address()}, busy{server.unix_address()};
    busy.send(plain_get);
    REQUIRE(server.arrived.wait());
    event drained;
    server.get().drain(patience, [&] { drained.set(); });
    CHECK(idle.read_all().empty());
    http::response answer;
    answer.body = "last";
    server.kept->answer(std::move(answer));
    CHECK_THAT(busy.read_all(), EndsWith("last"));
    busy.close();
    CHECK(drained.wait());
    CHECK(server.get().load().connections == 0);
    auto refused = http::client::connect(server.unix_address(), {});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == error_code::node_unreachable);
}

TEST_CASE("a server that is drained closes what does not end in time") {
    keeping_server server;
    raw_client busy{server.unix_address()};
    busy.send(plain_get);
    REQUIRE(server.arrived.wait());
    event drained;
    server.get().drain(10ms, [&] { drained.set(); });
    CHECK(drained.wait());
    CHECK(busy.read_all().empty());
    CHECK(server.gone.wait());
}
