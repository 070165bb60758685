// SPDX-License-Identifier: MIT
// Many clients at once, and a server without descriptors.
#include "tests/net/http_fixture.hpp"

#include "tests/support/scarce_descriptors.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <deque>
#include <optional>
#include <sys/resource.h>
#include <thread>

using namespace gestvenv;
using namespace gestvenv::test;
using Catch::Matchers::EndsWith;

TEST_CASE("a thousand clients at once are all answered, and an idle one beside them") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    auto raised = before;
    raised.rlim_cur = std::min<rlim_t>(4096, before.rlim_max);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &raised) == 0);
    {
        std::deque<std::shared_ptr<http::exchange>> held;
        event all_arrived;
        running_server server;
        server.handles.handle_ = [&](std::shared_ptr<http::exchange> what) {
            held.push_back(std::move(what));
            if (held.size() == 1000)
                all_arrived.set();
        };
        server.start();
        std::deque<raw_client> clients;
        for (int number = 0; number < 1000; ++number) {
            clients.emplace_back(number % 2 == 0 ? server.unix_address() : server.tcp_address());
            clients.back().send("GET /" + std::to_string(number) +
                                " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        }
        REQUIRE(all_arrived.wait());
        CHECK(server.get().load().requests_in_flight == 1000);
        // From several threads, in another order than they came.
        std::reverse(held.begin(), held.end());
        std::vector<std::thread> answerers;
        for (std::size_t part = 0; part < 4; ++part)
            answerers.emplace_back([&held, part] {
                for (std::size_t at = part; at < held.size(); at += 4) {
                    http::response answer;
                    answer.body = "answer to " + held[at]->asked().target;
                    held[at]->answer(std::move(answer));
                }
            });
        for (auto& one : answerers)
            one.join();
        for (int number = 0; number < 1000; ++number)
            CHECK_THAT(clients[static_cast<std::size_t>(number)].read_all(),
                       EndsWith("answer to /" + std::to_string(number)));
        CHECK(server.get().load().requests_in_flight == 0);
    }
    CHECK(::setrlimit(RLIMIT_NOFILE, &before) == 0);
}

TEST_CASE("a server that has no descriptor left serves those who are connected, and later the others") {
    running_server server;
    server.start();
    raw_client connected{server.unix_address()};
    connected.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
    connected.read_until("GET /1 ");
    for (const auto& where : {server.unix_address(), server.tcp_address()}) {
        auto before = server.get().load().connections;
        std::optional<raw_client> waiting;
        {
            scarce_descriptors one{1};
            // It takes that one: connected by the kernel, and not accepted.
            waiting.emplace(where);
            waiting->send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
            connected.send("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
            connected.read_until("GET /3 ");
            CHECK(server.get().load().connections == before);
        }
        waiting->read_until("GET /2 ");
        waiting->close();
        // So that no descriptor of the server's becomes free in the next turn.
        while (server.get().load().connections > 1)
            std::this_thread::yield();
    }
}
