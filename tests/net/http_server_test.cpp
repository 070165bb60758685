// SPDX-License-Identifier: MIT
// Requests and their answers over real sockets.
#include "tests/net/http_fixture.hpp"

#include <array>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <thread>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

http::client client_of(const http::server_address& where) {
    auto made = http::client::connect(where, {});
    REQUIRE(made.has_value());
    return std::move(*made);
}

} // namespace

TEST_CASE("a request over a Unix socket and over TCP gets the handler's answer") {
    running_server server;
    server.start();
    for (const auto& where : {server.unix_address(), server.tcp_address()}) {
        auto client = client_of(where);
        for (int turn = 0; turn < 3; ++turn) {
            auto answer = client.ask(post("/some/thing?x=1", "body"));
            INFO((answer ? "" : answer.error().message));
            REQUIRE(answer.has_value());
            CHECK(answer->status == 200);
            CHECK(answer->body == "POST /some/thing?x=1 body");
        }
    }
}

TEST_CASE("the handler knows who is at the other end") {
    running_server server;
    server.handles.handle_ = [](std::shared_ptr<http::exchange> what) {
        const auto& from = what->asked().from;
        http::response answer;
        answer.body = from.address + (from.local ? " " + std::to_string(from.local->pid) : "");
        what->answer(std::move(answer));
    };
    server.start();
    CHECK(client_of(server.unix_address()).ask(get("/"))->body == "unix " + std::to_string(::getpid()));
    CHECK_THAT(client_of(server.tcp_address()).ask(get("/"))->body, StartsWith("127.0.0.1:"));
}

TEST_CASE("path and query reach the handler decoded") {
    running_server server;
    server.handles.handle_ = [](std::shared_ptr<http::exchange> what) {
        http::response answer;
        for (const auto& part : what->asked().path)
            answer.body += "[" + part + "]";
        for (const auto& [key, value] : what->asked().query)
            answer.body += key + "=" + value + ";";
        what->answer(std::move(answer));
    };
    server.start();
    auto client = client_of(server.unix_address());
    CHECK(client.ask(get("/a%20b/%C3%A4?k=1%262&l=x+y"))->body == "[a b][\xc3\xa4]k=1&2;l=x y;");
    CHECK(client.ask(get("http://host:80/a?b"))->body == "[a]b=;");
    CHECK(client.ask(get("/"))->body.empty());
}

TEST_CASE("pipelined requests are answered in their order, one at a time") {
    std::shared_ptr<http::exchange> first;
    event arrived;
    std::atomic<int> handled{0};
    running_server server;
    server.handles.handle_ = [&](std::shared_ptr<http::exchange> what) {
        ++handled;
        if (what->asked().target == "/1") {
            first = std::move(what);
            return arrived.set();
        }
        http::response answer;
        answer.body = "second";
        what->answer(std::move(answer));
    };
    server.start();
    raw_client client{server.unix_address()};
    client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    REQUIRE(arrived.wait());
    CHECK(handled == 1);
    http::response answer;
    answer.body = "first";
    first->answer(std::move(answer));
    auto all = client.read_all();
    CHECK(all.find("first") < all.find("second"));
    CHECK_THAT(all, EndsWith("second"));
}

TEST_CASE("HEAD is answered with the length of a body and without the body") {
    running_server server;
    server.start();
    raw_client client{server.unix_address()};
    client.send("HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    auto all = client.read_all();
    CHECK_THAT(all, ContainsSubstring("Content-Length: 8\r\n"));
    CHECK_THAT(all, EndsWith("\r\n\r\n"));
}

TEST_CASE("a client of HTTP/1.0 is answered and the connection closed, unless it asks to keep it") {
    running_server server;
    server.start();
    raw_client plain{server.tcp_address()};
    plain.send("GET / HTTP/1.0\r\n\r\n");
    CHECK_THAT(plain.read_all(), ContainsSubstring("Connection: close"));
    raw_client kept{server.tcp_address()};
    kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK_THAT(kept.read_until("\r\n\r\n"), ContainsSubstring("Connection: keep-alive"));
    kept.read_bytes(6);
    kept.send("GET / HTTP/1.0\r\n\r\n");
    CHECK_THAT(kept.read_all(), EndsWith("GET / "));
}

TEST_CASE("a client that waits for 100 Continue is told to go on once its header is accepted") {
    running_server server;
    server.handles.begins_ = [](const http::request& head) -> std::variant<http::body_rule, http::response> {
        if (head.target == "/no") {
            http::response no;
            no.status = 403;
            return no;
        }
        return http::body_rule{100, false};
    };
    server.start();
    raw_client client{server.tcp_address()};
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body");
    CHECK_THAT(client.read_until("body"), StartsWith("HTTP/1.1 200 OK\r\n"));
    client.send("POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    CHECK_THAT(client.read_all(), StartsWith("HTTP/1.1 403 Forbidden\r\n"));
    raw_client other{server.tcp_address()};
    other.send("GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n");
    CHECK_THAT(other.read_all(), StartsWith("HTTP/1.1 417 "));
}

TEST_CASE("a body in chunks arrives whole, and what follows it is the next request") {
    running_server server;
    server.start();
    raw_client client{server.unix_address()};
    client.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n"
                "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    auto all = client.read_all();
    CHECK_THAT(all, ContainsSubstring("POST /a abcdefg"));
    CHECK_THAT(all, EndsWith("GET /b "));
}

TEST_CASE("a streamed body is sent as it comes, and its end is seen") {
    std::shared_ptr<http::body_stream> stream;
    event begun;
    running_server server;
    server.handles.handle_ = [&](std::shared_ptr<http::exchange> what) {
        stream = what->begin({});
        begun.set();
    };
    server.start();
    auto client = client_of(server.unix_address());
    std::string all;
    std::thread writer{[&] {
        begun.wait();
        for (int piece = 0; piece < 100; ++piece)
            stream->write(std::to_string(piece) + ",");
        stream->end();
    }};
    auto answer = client.ask_streamed(get("/"), [&](std::string_view piece) {
        all += piece;
        return true;
    });
    writer.join();
    REQUIRE(answer.has_value());
    CHECK_THAT(all, StartsWith("0,1,2,"));
    CHECK_THAT(all, EndsWith("98,99,"));
}

TEST_CASE("a streamed body that is dropped without its end is seen to be incomplete") {
    running_server server;
    server.handles.handle_ = [&](std::shared_ptr<http::exchange> what) { what->begin({})->write("some"); };
    server.start();
    auto client = client_of(server.unix_address());
    auto answer = client.ask(get("/"));
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == error_code::node_unreachable);
}

TEST_CASE("a request that is dropped without an answer is answered with 500") {
    running_server server;
    server.handles.handle_ = [](std::shared_ptr<http::exchange>) {};
    server.start();
    CHECK(client_of(server.unix_address()).ask(get("/"))->status == 500);
}

TEST_CASE("an upgraded connection is the handler's and the client's own") {
    descriptor taken;
    event handed_over;
    running_server server;
    server.handles.handle_ = [&](std::shared_ptr<http::exchange> what) {
        what->upgrade("gestvenv/1", [&](descriptor socket) {
            taken = std::move(socket);
            handed_over.set();
        });
    };
    server.start();
    auto client = client_of(server.unix_address());
    auto socket = client.upgrade(get("/attach"), "gestvenv/1");
    REQUIRE(socket.has_value());
    REQUIRE(handed_over.wait());
    REQUIRE(taken);
    REQUIRE(::write(socket->get(), "ping", 4) == 4);
    std::array<char, 8> buffer{};
    // It is non-blocking on the server's side, and the bytes of a local socket are there.
    CHECK(::read(taken.get(), buffer.data(), buffer.size()) == 4);
    REQUIRE(::write(taken.get(), "pong", 4) == 4);
    CHECK(::read(socket->get(), buffer.data(), buffer.size()) == 4);
    CHECK(std::string_view(buffer.data(), 4) == "pong");
    CHECK(server.get().load().connections == 0);
}

TEST_CASE("an upgrade that is refused gives the client the refusal's body") {
    running_server server;
    server.handles.handle_ = [](std::shared_ptr<http::exchange> what) {
        http::response no;
        no.status = 404;
        no.body = "no such environment";
        what->answer(std::move(no));
    };
    server.start();
    auto socket = client_of(server.unix_address()).upgrade(get("/attach"), "gestvenv/1");
    REQUIRE_FALSE(socket.has_value());
    CHECK_THAT(socket.error().message, ContainsSubstring("404") && ContainsSubstring("no such environment"));
}

TEST_CASE("bytes that a client sends before its upgrade is granted are refused") {
    running_server server;
    server.handles.handle_ = [](std::shared_ptr<http::exchange> what) {
        what->upgrade("p", [](descriptor) {});
    };
    server.start();
    raw_client client{server.unix_address()};
    client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: p\r\n\r\nearly");
    CHECK_THAT(client.read_all(), StartsWith("HTTP/1.1 400 "));
}
