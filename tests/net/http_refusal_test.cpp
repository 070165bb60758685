// SPDX-License-Identifier: MIT
// Requests that are wrong, or that another server may have read in another way.
#include "tests/net/http_fixture.hpp"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::string_literals;
using Catch::Matchers::StartsWith;

namespace {

struct wrong {
    std::string what;
    std::string sent;
    int status = 400;
};

const std::string line = "POST / HTTP/1.1\r\n";
const std::string host = "Host: x\r\n";
/// What must not be taken for a request of its own.
const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";

std::vector<wrong> wrong_requests() {
    return {
        {"both lengths", line + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"both lengths, the other way",
         line + host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"},
        {"two lengths", line + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"},
        {"a negative length", line + host + "Content-Length: -3\r\n\r\nabc"},
        {"a length with a sign", line + host + "Content-Length: +3\r\n\r\nabc"},
        {"a length in hexadecimal", line + host + "Content-Length: 0x3\r\n\r\nabc"},
        {"a length beyond all numbers", line + host + "Content-Length: 99999999999999999999\r\n\r\nabc"},
        {"an encoding twice",
         line + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"an unknown encoding", line + host + "Transfer-Encoding: gzip\r\n\r\n", 501},
        {"an encoding before chunked", line + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
         501},
        {"an encoding that looks like chunked", line + host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
         501},
        {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"a chunk without a size", line + host + "Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n"},
        {"a chunk with a wrong size",
         line + host + "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n"},
        {"a chunk with a negative size",
         line + host + "Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n"},
        {"a chunk beyond all sizes",
         line + host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n"},
        {"a chunk longer than it says",
         line + host + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n"},
        {"a folded field", line + host + "X: a\r\n b\r\n\r\n"},
        {"a line that begins with a tab", line + "\tHost: x\r\n\r\n"},
        {"a space before the colon", line + host + "Content-Length : 3\r\n\r\nabc"},
        {"a field without a name", line + host + ": x\r\n\r\n"},
        {"a field without a colon", line + host + "X\r\n\r\n"},
        {"a NUL in a field", line + host + "X: a\0b\r\n\r\n"s},
        {"a NUL in the target", "GET /\0 HTTP/1.1\r\n"s + host + "\r\n"},
        {"a bare LF", "GET / HTTP/1.1\n" + host + "\r\n"},
        {"a bare CR", line + host + "X: a\rb\r\n\r\n"},
        {"no Host", line + "\r\n"},
        {"Host twice", line + host + host + "\r\n"},
        {"no version", "GET /\r\n" + host + "\r\n"},
        {"another version", "GET / HTTP/2.0\r\n" + host + "\r\n", 505},
        {"HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"TLS where there is none", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s},
        {"no method", " / HTTP/1.1\r\n" + host + "\r\n"},
        {"a tunnel", "CONNECT x:80 HTTP/1.1\r\n" + host + "\r\n"},
        {"no path", "GET x HTTP/1.1\r\n" + host + "\r\n"},
        {"a path with ..", "GET /a/../b HTTP/1.1\r\n" + host + "\r\n"},
        {"a path with an encoded ..", "GET /a/%2e%2E/b HTTP/1.1\r\n" + host + "\r\n"},
        {"a path with .", "GET /./b HTTP/1.1\r\n" + host + "\r\n"},
        {"a path with an empty part", "GET /a//b HTTP/1.1\r\n" + host + "\r\n"},
        {"a path with an encoded slash", "GET /a%2fb HTTP/1.1\r\n" + host + "\r\n"},
        {"a path with an encoded NUL", "GET /a%00 HTTP/1.1\r\n" + host + "\r\n"},
        {"a path with an incomplete %", "GET /a%2 HTTP/1.1\r\n" + host + "\r\n"},
        {"a path that is not UTF-8", "GET /%ff HTTP/1.1\r\n" + host + "\r\n"},
        {"a fragment", "GET /a#b HTTP/1.1\r\n" + host + "\r\n"},
        {"a key twice", "GET /?a=1&a=2 HTTP/1.1\r\n" + host + "\r\n"},
        {"a key twice, once encoded", "GET /?a=1&%61=2 HTTP/1.1\r\n" + host + "\r\n"},
        {"a body that ends too early", line + host + "Content-Length: 5\r\n\r\nabc"},
    };
}

} // namespace

TEST_CASE("a wrong request is refused, and nothing behind it is taken for a request") {
    std::atomic<bool> handled{false};
    running_server server;
    server.handles.handle_ = [&](std::shared_ptr<http::exchange> what) {
        handled = true;
        what->answer({});
    };
    server.start();
    for (const auto& one : wrong_requests()) {
        INFO(one.what);
        raw_client client{server.unix_address()};
        client.send(one.what == "a body that ends too early" ? one.sent : one.sent + hidden);
        client.end_writing();
        CHECK_THAT(client.read_all(), StartsWith("HTTP/1.1 " + std::to_string(one.status) + " "));
        CHECK_FALSE(handled);
    }
}

TEST_CASE("an answer whose field would begin another line is replaced by 500") {
    running_server server;
    server.handles.handle_ = [](std::shared_ptr<http::exchange> what) {
        http::response answer;
        answer.headers.add("X", "a\r\nSet-Cookie: b");
        what->answer(std::move(answer));
    };
    server.start();
    raw_client client{server.unix_address()};
    client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    auto all = client.read_all();
    CHECK_THAT(all, StartsWith("HTTP/1.1 500 "));
    CHECK(all.find("Set-Cookie") == std::string::npos);
}

TEST_CASE("a peer that is not admitted is closed at once") {
    running_server server;
    server.handles.admits_ = [](const http::peer& from) { return !from.local; };
    server.start();
    CHECK(raw_client{server.unix_address()}.read_all().empty());
    raw_client client{server.tcp_address()};
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    client.read_until("GET / ");
}
