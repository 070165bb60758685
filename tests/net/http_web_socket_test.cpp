// SPDX-License-Identifier: MIT
// WebSockets, with a client that writes its frames itself (RFC 6455, section 5.2).
#include "tests/net/http_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

enum : unsigned { continued = 0, text = 1, binary = 2, close_frame = 8, ping = 9, pong = 10 };

struct frame {
    unsigned kind = 0;
    bool last = true;
    std::string bytes;
};

constexpr const char* fields = "Host: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

class socket_client : public raw_client {
public:
    explicit socket_client(const http::server_address& where, const std::string& version = "13")
        : raw_client(where) {
        send(std::string{"GET /terminal HTTP/1.1\r\n"} + fields + "Sec-WebSocket-Version: " + version +
             "\r\n\r\n");
        head = read_until("\r\n\r\n");
    }

    void say(unsigned kind, const std::string& bytes, bool last = true) {
        std::string sent{static_cast<char>((last ? 0x80U : 0U) | kind)};
        // Masked, as all of a client's frames are; a mask of zeros changes nothing.
        if (bytes.size() < 126) {
            sent += static_cast<char>(0x80U | bytes.size());
        } else {
            sent += static_cast<char>(0x80U | 127U);
            for (int byte = 7; byte >= 0; --byte)
                sent += static_cast<char>((bytes.size() >> (8U * static_cast<unsigned>(byte))) & 0xffU);
        }
        send(sent + std::string(4, '\0') + bytes);
    }

    frame hear() {
        auto start = read_bytes(2);
        frame heard;
        heard.last = (static_cast<unsigned char>(start[0]) & 0x80U) != 0;
        heard.kind = static_cast<unsigned char>(start[0]) & 0x0fU;
        std::size_t size = static_cast<unsigned char>(start[1]);
        if (size >= 126) {
            auto longer = read_bytes(size == 126 ? 2 : 8);
            size = 0;
            for (char byte : longer)
                size = size << 8U | static_cast<unsigned char>(byte);
        }
        heard.bytes = read_bytes(size);
        return heard;
    }

    std::string head;
};

unsigned code_of(const frame& heard) {
    REQUIRE(heard.kind == close_frame);
    REQUIRE(heard.bytes.size() >= 2);
    return static_cast<unsigned char>(heard.bytes[0]) * 256U + static_cast<unsigned char>(heard.bytes[1]);
}

/// Sends back what it hears.
class echoing_server : public running_server {
public:
    explicit echoing_server(http::limits bounds = {}, bool reads = true) : running_server(bounds) {
        handles.handle_ = [this, reads](std::shared_ptr<http::exchange> what) {
            what->open_web_socket([this, reads](std::shared_ptr<http::web_socket> made) {
                socket = std::move(made);
                if (socket) {
                    socket->on_message([this, reads](std::string message, bool is_binary) {
                        heard.set();
                        socket->send(std::move(message), is_binary);
                        if (reads)
                            socket->more();
                    });
                    socket->on_gone([this] { gone.set(); });
                    socket->start();
                }
                // From here on the test may use it.
                opened.set();
            });
        };
        start();
    }
    ~echoing_server() { end(); }

    event opened, heard, gone;
    std::shared_ptr<http::web_socket> socket;
};

} // namespace

TEST_CASE("messages of a WebSocket go both ways, whole and in fragments") {
    echoing_server server;
    for (const auto& where : {server.unix_address(), server.tcp_address()}) {
        socket_client client{where};
        CHECK_THAT(client.head, StartsWith("HTTP/1.1 101 "));
        // The sample of RFC 6455, section 1.3.
        CHECK_THAT(client.head, ContainsSubstring("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        client.say(text, "hello");
        auto heard = client.hear();
        CHECK(heard.kind == text);
        CHECK(heard.bytes == "hello");
        client.say(binary, "big", false);
        client.say(ping, "between");
        client.say(continued, std::string(100'000, 'x'));
        CHECK(client.hear().kind == pong);
        heard = client.hear();
        CHECK(heard.kind == binary);
        CHECK(heard.bytes == "big" + std::string(100'000, 'x'));
        client.say(close_frame, "\x03\xe8");
        CHECK(code_of(client.hear()) == 1000);
        client.read_all();
        CHECK(server.gone.wait(where.socket.empty() ? 2 : 1));
    }
    CHECK(server.get().load().streams == 0);
}

TEST_CASE("the next message is given when the handler asks for it") {
    echoing_server server{{}, false};
    socket_client client{server.unix_address()};
    client.say(text, "one");
    client.say(text, "two");
    CHECK(client.hear().bytes == "one");
    CHECK_FALSE(client.readable());
    server.socket->more();
    CHECK(client.hear().bytes == "two");
}

TEST_CASE("a WebSocket that the handler closes tells the client why") {
    echoing_server server;
    socket_client client{server.unix_address()};
    REQUIRE(server.opened.wait());
    server.socket->send("last words", false);
    server.socket->close(4001, "the environment has ended");
    CHECK(client.hear().bytes == "last words");
    auto heard = client.hear();
    CHECK(code_of(heard) == 4001);
    CHECK_THAT(heard.bytes, ContainsSubstring("the environment has ended"));
    client.say(close_frame, heard.bytes);
    CHECK(client.read_all().empty());
}

TEST_CASE("a client that does not answer a close is ended") {
    http::limits bounds;
    bounds.handshake = 50ms;
    echoing_server server{bounds};
    socket_client client{server.unix_address()};
    REQUIRE(server.opened.wait());
    server.socket->close(1001, "");
    CHECK(code_of(client.hear()) == 1001);
    CHECK(client.read_all().empty());
}

TEST_CASE("a message that is too large, or no UTF-8, ends the WebSocket with the code that says so") {
    http::limits bounds;
    bounds.message_bytes = 100;
    echoing_server server{bounds};
    socket_client large{server.unix_address()};
    large.say(text, std::string(101, 'x'));
    CHECK(code_of(large.hear()) == 1009);
    socket_client bad{server.unix_address()};
    bad.say(text, "\xff\xff");
    CHECK(code_of(bad.hear()) == 1007);
}

TEST_CASE("a silent client is asked whether it is there, and ended when it is not") {
    http::limits bounds;
    bounds.idle = 200ms;
    echoing_server server{bounds};
    socket_client client{server.tcp_address()};
    CHECK(client.hear().kind == ping);
    CHECK(server.gone.wait());
    client.read_all();
}

TEST_CASE("a client that vanishes from a WebSocket is found, also while no message is asked for") {
    for (bool reads : {true, false}) {
        echoing_server server{{}, reads};
        {
            socket_client client{server.unix_address()};
            client.say(text, "one");
            client.say(text, "two");
            REQUIRE(server.heard.wait());
            client.hear();
        }
        CHECK(server.gone.wait());
    }
}

TEST_CASE("a client that does not read is ended, and a WebSocket that is dropped is closed") {
    http::limits bounds;
    bounds.write = 50ms;
    echoing_server server{bounds};
    socket_client client{server.unix_address()};
    REQUIRE(server.opened.wait());
    while (server.socket->send(std::string(50'000, 'x'), true)) {
    }
    CHECK(server.gone.wait());
    socket_client other{server.unix_address()};
    REQUIRE(server.opened.wait(2));
    server.socket.reset();
    CHECK(code_of(other.hear()) == 1001);
}

TEST_CASE("a request that asks for no WebSocket, or another version, is refused") {
    echoing_server server;
    socket_client old{server.unix_address(), "8"};
    CHECK_THAT(old.head, StartsWith("HTTP/1.1 426 ") && ContainsSubstring("Sec-WebSocket-Version: 13\r\n"));
    raw_client plain{server.unix_address()};
    plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_THAT(plain.read_all(), StartsWith("HTTP/1.1 400 "));
    REQUIRE(server.opened.wait(2));
    CHECK_FALSE(server.socket);
}
