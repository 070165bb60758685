// SPDX-License-Identifier: MIT
// TLS, with an identity that the test makes.
#include "tests/net/http_fixture.hpp"

#include "tests/net/tls_identity.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

const http::tls_identity& identity() {
    static const auto made = self_signed_identity("DNS:localhost,IP:127.0.0.1");
    return made;
}

struct trusted_server : running_server {
    explicit trusted_server(http::limits bounds = {}) : running_server(bounds, &identity()) {
        std::ofstream{authorities()} << identity().certificates;
        start();
    }
    std::string authorities() const { return (folder.path() / "authorities.pem").string(); }
    http::server_address address(const std::string& host) const {
        auto where = tcp_address();
        where.host = host;
        where.encrypted = true;
        where.authorities = authorities();
        return where;
    }
    temporary_folder folder;
};

} // namespace

TEST_CASE("a request over TLS is answered, by name and by address") {
    trusted_server server;
    for (const char* host : {"localhost", "127.0.0.1"}) {
        auto client = http::client::connect(server.address(host), {});
        INFO((client ? "" : client.error().message));
        REQUIRE(client.has_value());
        for (int turn = 0; turn < 3; ++turn) {
            auto answer = client->ask(post("/", std::string(300'000, 'x')));
            REQUIRE(answer.has_value());
            CHECK(answer->body == "POST / " + std::string(300'000, 'x'));
        }
    }
}

TEST_CASE("a server whose certificate is of another name, or of no trusted authority, is not spoken to") {
    auto other = self_signed_identity("DNS:elsewhere");
    trusted_server server;
    running_server elsewhere{{}, &other};
    elsewhere.start();
    temporary_folder folder;
    auto trusted = (folder.path() / "other.pem").string();
    std::ofstream{trusted} << other.certificates;

    auto wrong_name = server.address("localhost");
    wrong_name.port = elsewhere.port();
    wrong_name.authorities = trusted;
    auto unknown = server.address("localhost");
    unknown.authorities = trusted;
    for (const auto& where : {wrong_name, unknown}) {
        auto client = http::client::connect(where, {});
        REQUIRE_FALSE(client.has_value());
        CHECK(client.error().code == error_code::node_unreachable);
        CHECK_THAT(client.error().message, ContainsSubstring("its certificate is not accepted"));
    }
}

TEST_CASE("a client that does not come to the end of its handshake is closed") {
    http::limits bounds;
    bounds.handshake = 50ms;
    trusted_server server{bounds};
    raw_client silent{server.tcp_address()};
    CHECK(silent.read_all().empty());
    raw_client begun{server.tcp_address()};
    begun.send(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
    begun.read_all();
}

TEST_CASE("a client that speaks no TLS to a port with TLS is closed, and others are served") {
    trusted_server server;
    raw_client plain{server.tcp_address()};
    plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(plain.read_all().find("200") == std::string::npos);
    auto client = http::client::connect(server.address("localhost"), {});
    REQUIRE(client.has_value());
    CHECK(client->ask(get("/")).has_value());
}

TEST_CASE("an identity that cannot be used is refused with what is wrong about it") {
    function_handler handles;
    http::server server{handles, {}};
    auto wrong = identity();
    wrong.key = self_signed_identity("DNS:x").key;
    auto mixed = server.listen_tcp("127.0.0.1:0", &wrong);
    REQUIRE_FALSE(mixed.has_value());
    CHECK_THAT(mixed.error().message, ContainsSubstring("does not belong to the certificate"));
    wrong.certificates = "nothing";
    auto none = server.listen_tcp("127.0.0.1:0", &wrong);
    REQUIRE_FALSE(none.has_value());
    CHECK_THAT(none.error().message, ContainsSubstring("no") && ContainsSubstring("PEM"));
    for (const char* address : {"localhost:1", "127.0.0.1", "::1:80", "127.0.0.1:99999", ""}) {
        auto refused = server.listen_tcp(address, nullptr);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == error_code::invalid_argument);
    }
}

TEST_CASE("a streamed answer over TLS comes as it is written, and a client that vanishes is found") {
    event gone;
    std::shared_ptr<http::body_stream> stream;
    trusted_server server;
    server.get().post([&] {
        server.handles.handle_ = [&](std::shared_ptr<http::exchange> what) {
            stream = what->begin({});
            stream->on_gone([&] { gone.set(); });
            stream->write("first");
        };
    });
    auto client = http::client::connect(server.address("localhost"), {});
    REQUIRE(client.has_value());
    auto answer = client->ask_streamed(get("/"), [](std::string_view piece) { return piece != "first"; });
    CHECK(answer.has_value());
    CHECK(gone.wait());
    server.end();
}
