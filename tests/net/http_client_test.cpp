// SPDX-License-Identifier: MIT
// The blocking client: what it does when servers are absent, slow, or wrong.
#include "tests/net/http_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

http::client client_of(const http::server_address& where, const http::client_deadlines& bounds = {}) {
    auto made = http::client::connect(where, bounds);
    REQUIRE(made.has_value());
    return std::move(*made);
}

/// Answers one connection with the same bytes, whatever is asked.
class fixed_answer {
public:
    explicit fixed_answer(std::string bytes) {
        where.socket = (folder_.path() / "socket").string();
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, where.socket.data(), where.socket.size());
        REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(socket_.get(), 1) == 0);
        thread_ = std::thread{[this, bytes = std::move(bytes)] {
            descriptor client{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
            std::array<char, 4096> asked{};
            static_cast<void>(::recv(client.get(), asked.data(), asked.size(), 0));
            static_cast<void>(::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
        }};
    }
    ~fixed_answer() { thread_.join(); }

    http::server_address where;

private:
    temporary_folder folder_;
    descriptor socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::thread thread_;
};

} // namespace

TEST_CASE("a server that is not there is named, with the reason and what to do") {
    temporary_folder folder;
    http::server_address where;
    where.socket = (folder.path() / "none").string();
    auto made = http::client::connect(where, {});
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == error_code::node_unreachable);
    CHECK_THAT(made.error().message, ContainsSubstring(where.socket) && ContainsSubstring("No such file"));
    CHECK_THAT(made.error().hint, ContainsSubstring("gestvenv node start"));

    std::uint16_t port = 0;
    {
        running_server server;
        port = server.port();
    }
    where = {};
    where.host = "127.0.0.1";
    where.port = port;
    made = http::client::connect(where, {});
    REQUIRE_FALSE(made.has_value());
    CHECK_THAT(made.error().message, ContainsSubstring("Connection refused"));
    where.host = "no-such-host.invalid";
    made = http::client::connect(where, {});
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == error_code::node_unreachable);
}

TEST_CASE("a server that does not answer in time is given up") {
    std::shared_ptr<http::exchange> held;
    running_server server;
    server.handles.handle_ = [&](std::shared_ptr<http::exchange> what) { held = std::move(what); };
    server.start();
    http::client_deadlines bounds;
    bounds.answer = 50ms;
    auto answer = client_of(server.unix_address(), bounds).ask(get("/"));
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == error_code::node_unreachable);
    server.end();
}

TEST_CASE("another thread can cancel a request, and the server sees its client go") {
    event arrived, gone;
    std::shared_ptr<http::exchange> held;
    running_server server;
    server.handles.handle_ = [&](std::shared_ptr<http::exchange> what) {
        what->on_gone([&] { gone.set(); });
        held = std::move(what);
        arrived.set();
    };
    server.start();
    auto client = client_of(server.unix_address());
    std::thread canceller{[&] {
        arrived.wait();
        client.cancel();
    }};
    auto answer = client.ask(get("/"));
    canceller.join();
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == error_code::cancelled);
    CHECK(gone.wait());
    client.cancel();
    answer = client.ask(get("/"));
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == error_code::cancelled);
    server.end();
}

TEST_CASE("a connection that the server has ended meanwhile is made anew") {
    http::limits bounds;
    bounds.idle = 20ms;
    running_server server{bounds};
    server.start();
    auto client = client_of(server.unix_address());
    for (int turn = 0; turn < 3; ++turn) {
        CHECK(client.ask(get("/")).has_value());
        while (server.get().load().connections > 0)
            std::this_thread::sleep_for(1ms);
    }
}

TEST_CASE("files go both ways without being in memory as a whole") {
    temporary_folder folder;
    auto path = (folder.path() / "large").string();
    auto file = std::make_shared<descriptor>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    std::string piece(1 << 20, '\0');
    for (std::size_t at = 0; at < piece.size(); ++at)
        piece[at] = static_cast<char>(at * 7 % 251);
    for (int count = 0; count < 20; ++count)
        REQUIRE(::write(file->get(), piece.data(), piece.size()) == static_cast<ssize_t>(piece.size()));
    running_server server;
    server.handles.begins_ = [](const http::request&) { return http::body_rule{64 << 20, true}; };
    server.handles.handle_ = [](std::shared_ptr<http::exchange> what) {
        http::response answer;
        answer.file = what->asked().body_file;
        answer.file_size = 20 << 20;
        what->answer(std::move(answer));
    };
    server.start();
    for (const auto& where : {server.unix_address(), server.tcp_address()}) {
        auto client = client_of(where);
        auto what = post("/", "");
        what.body_file = file;
        std::size_t size = 0;
        bool same = true;
        auto answer = client.ask_streamed(what, [&](std::string_view bytes) {
            for (char byte : bytes)
                same = same && byte == piece[size++ % piece.size()];
            return true;
        });
        REQUIRE(answer.has_value());
        CHECK(same);
        CHECK(size == 20 << 20);
    }
}

TEST_CASE("a large upload that is refused gives its refusal, not a broken connection") {
    running_server server;
    server.handles.begins_ = [](const http::request&) { return http::body_rule{4, false}; };
    server.start();
    for (const auto& where : {server.unix_address(), server.tcp_address()}) {
        auto answer = client_of(where).ask(post("/", std::string(8 << 20, 'x')));
        REQUIRE(answer.has_value());
        CHECK(answer->status == 413);
    }
}

TEST_CASE("an answer that is larger than wanted is an error") {
    running_server server;
    server.start();
    auto client = client_of(server.unix_address());
    CHECK_FALSE(client.ask(get("/long"), 5).has_value());
    CHECK(client.ask(get("/long"), 100).has_value());
}

TEST_CASE("a server that speaks no HTTP, or ends too early, is an error with its reason") {
    for (const char* bytes :
         {"nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "HTTP/1.1 200",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", ""}) {
        INFO(bytes);
        fixed_answer server{bytes};
        auto answer = client_of(server.where).ask(get("/"));
        REQUIRE_FALSE(answer.has_value());
        CHECK(answer.error().code == error_code::node_unreachable);
        CHECK_THAT(answer.error().message, ContainsSubstring(server.where.socket));
    }
    fixed_answer interim{"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the end"};
    auto answer = client_of(interim.where).ask(get("/"));
    REQUIRE(answer.has_value());
    CHECK(answer->body == "until the end");
}

TEST_CASE("a request with a line break in a field is not sent") {
    running_server server;
    server.start();
    auto client = client_of(server.unix_address());
    auto what = get("/");
    what.headers.add("Authorization", "Bearer a\r\nX: b");
    auto answer = client.ask(what);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == error_code::invalid_argument);
    CHECK(answer.error().message.find("Bearer") == std::string::npos);
}
