// SPDX-License-Identifier: MIT
// What a client may take of a server: each bound, small enough that a test need not wait.
#include "tests/net/http_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <thread>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

const std::string head = "POST / HTTP/1.1\r\nHost: x\r\n";

http::limits with(std::chrono::milliseconds http::limits::*bound, std::chrono::milliseconds value) {
    http::limits bounds;
    bounds.*bound = value;
    return bounds;
}

} // namespace

TEST_CASE("a header that does not come to its end is answered with 408") {
    running_server server{with(&http::limits::header, 50ms)};
    server.start();
    for (const auto& where : {server.unix_address(), server.tcp_address()}) {
        raw_client client{where};
        client.send("GET / HTTP/1.1\r\nHo");
        CHECK_THAT(client.read_all(),
                   StartsWith("HTTP/1.1 408 ") && ContainsSubstring("the header took too long"));
    }
}

TEST_CASE("a header that drips byte by byte does not last longer than its bound") {
    running_server server{with(&http::limits::header, 100ms)};
    server.start();
    raw_client client{server.unix_address()};
    client.send("GET / HTTP/1.1\r\nX: ");
    while (!client.readable() && client.try_send("a"))
        std::this_thread::sleep_for(1ms);
    CHECK_THAT(client.read_all(), StartsWith("HTTP/1.1 408 ") || StartsWith("HTTP/1.1 431 "));
}

TEST_CASE("a body that stops is answered with 408") {
    running_server server{with(&http::limits::body_piece, 50ms)};
    server.start();
    raw_client client{server.unix_address()};
    client.send(head + "Content-Length: 10\r\n\r\nsome");
    CHECK_THAT(client.read_all(), StartsWith("HTTP/1.1 408 "));
}

TEST_CASE("a body in memory that drips does not last longer than its bound") {
    running_server server{with(&http::limits::body, 100ms)};
    server.start();
    raw_client client{server.unix_address()};
    client.send(head + "Content-Length: 1000000\r\n\r\n");
    while (!client.readable() && client.try_send("a"))
        std::this_thread::sleep_for(1ms);
    CHECK_THAT(client.read_all(), StartsWith("HTTP/1.1 408 "));
}

TEST_CASE("an idle connection is ended without a word") {
    running_server server{with(&http::limits::idle, 50ms)};
    server.start();
    raw_client silent{server.unix_address()};
    CHECK(silent.read_all().empty());
    raw_client once{server.tcp_address()};
    once.send(plain_get);
    CHECK_THAT(once.read_all(), EndsWith("GET / "));
}

TEST_CASE("a header that is too large is answered with 431, complete or not") {
    http::limits bounds;
    bounds.header_bytes = 200;
    running_server server{bounds};
    server.start();
    for (const char* end : {"", "\r\n\r\n"}) {
        raw_client client{server.tcp_address()};
        client.send(head + "X: " + std::string(300, 'x') + end);
        CHECK_THAT(client.read_all(), StartsWith("HTTP/1.1 431 "));
    }
    raw_client fits{server.tcp_address()};
    fits.send(head + "X: " + std::string(100, 'x') + "\r\nConnection: close\r\n\r\n");
    CHECK_THAT(fits.read_all(), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("a body that is too large is answered with 413, where its length is declared before it is sent") {
    running_server server;
    server.handles.begins_ = [](const http::request&) { return http::body_rule{4, false}; };
    server.start();
    raw_client declared{server.unix_address()};
    declared.send(head + "Content-Length: 5\r\n\r\n");
    CHECK_THAT(declared.read_all(), StartsWith("HTTP/1.1 413 "));
    raw_client chunked{server.unix_address()};
    chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n");
    CHECK_THAT(chunked.read_all(), StartsWith("HTTP/1.1 413 "));
    raw_client fits{server.unix_address()};
    fits.send(head +
              "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
    CHECK_THAT(fits.read_all(), EndsWith("POST / abcd"));
}

TEST_CASE("a client that sends on after a refusal can still read it") {
    running_server server;
    server.handles.begins_ = [](const http::request&) { return http::body_rule{4, false}; };
    server.start();
    raw_client client{server.tcp_address()};
    client.send(head + "Content-Length: 300000\r\n\r\n" + std::string(300000, 'x'));
    CHECK_THAT(client.read_all(), StartsWith("HTTP/1.1 413 "));
}

TEST_CASE("the header of a chunk is bounded too") {
    http::limits bounds;
    bounds.header_bytes = 200;
    running_server server{bounds};
    server.start();
    raw_client client{server.unix_address()};
    client.send(head + "Transfer-Encoding: chunked\r\n\r\n3;" + std::string(1000, 'x'));
    CHECK_THAT(client.read_all(), StartsWith("HTTP/1.1 400 "));
}

TEST_CASE("connections beyond their number are answered with 503, and others have their place") {
    http::limits bounds;
    bounds.connections = 2;
    running_server server{bounds};
    server.start();
    raw_client first{server.unix_address()}, second{server.tcp_address()};
    for (auto* client : {&first, &second}) {
        client->send(plain_get);
        client->read_until("GET / ");
    }
    for (const auto& where : {server.unix_address(), server.tcp_address()}) {
        raw_client third{where};
        CHECK_THAT(third.read_all(), StartsWith("HTTP/1.1 503 ") && ContainsSubstring("Retry-After: 1\r\n"));
    }
    first.send("GET /again HTTP/1.1\r\nHost: x\r\n\r\n");
    first.read_until("GET /again ");
}

TEST_CASE("requests beyond the number in flight are answered with 503 and may be repeated") {
    http::limits bounds;
    bounds.requests_in_flight = 1;
    std::shared_ptr<http::exchange> held;
    event arrived;
    running_server server{bounds};
    server.handles.handle_ = [&](std::shared_ptr<http::exchange> what) {
        if (!held) {
            held = std::move(what);
            return arrived.set();
        }
        what->answer({});
    };
    server.start();
    raw_client first{server.unix_address()}, second{server.unix_address()};
    first.send(plain_get);
    REQUIRE(arrived.wait());
    second.send(plain_get);
    auto refused = second.read_until("in flight");
    CHECK_THAT(refused, StartsWith("HTTP/1.1 503 ") && ContainsSubstring("Retry-After: 1\r\n"));
    held->answer({});
    first.read_until("\r\n\r\n");
    second.send(plain_get);
    CHECK_THAT(second.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("a client that does not read its streamed answer is ended") {
    auto bounds = with(&http::limits::write, 50ms);
    streaming_server server{bounds, [](http::body_stream& stream) {
                                // More than a socket takes.
                                for (int piece = 0; piece < 100 && stream.write(std::string(10'000, 'x'));
                                     ++piece) {
                                }
                                stream.on_room([&stream] {
                                    while (stream.write(std::string(10'000, 'x'))) {
                                    }
                                });
                            }};
    raw_client client{server.unix_address()};
    client.send(plain_get);
    CHECK(server.gone.wait());
}

TEST_CASE("a writer hears that there is no room, and when there is again") {
    event room;
    streaming_server server;
    raw_client client{server.unix_address()};
    client.send(plain_get);
    REQUIRE(server.begun.wait());
    auto stream = server.stream;
    int written = 0;
    for (; written < 100'000 && stream->write(std::string(10'000, 'x')); ++written) {
    }
    // Bounded, whatever is written: what the socket holds and the stream's buffer.
    CHECK(written < 1'000);
    stream->on_room([&] {
        room.set();
        stream->end();
    });
    CHECK_THAT(client.read_until("\r\n0\r\n\r\n"), EndsWith("0\r\n\r\n"));
    CHECK(room.wait());
}

TEST_CASE("a writer that ignores that there is no room has its connection ended") {
    http::limits bounds;
    bounds.stream_buffer = 1000;
    streaming_server server{bounds, [](http::body_stream& stream) { stream.write(std::string(2001, 'x')); }};
    raw_client client{server.unix_address()};
    client.send(plain_get);
    client.read_all();
    CHECK(server.gone.wait());
}
