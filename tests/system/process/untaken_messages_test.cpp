// SPDX-License-Identifier: MIT
// Messages that the other end of a connection does not take, for ever: nothing waits for ever, nothing spins.
#include "system/process/answer_queue.hpp"
#include "system/process/outbox.hpp"
#include "system/process/protocol.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

constexpr send_patience::limits short_patience{.interval = 1ms, .without_room = 20, .with_room = 5};

std::string message(std::uint64_t request) {
    auto bytes = protocol::encode(protocol::kind::run, request);
    bytes.resize(20'000, 'x');
    return bytes;
}

answer_queue answers(send_patience::limits patience) {
    return answer_queue{[](std::uint64_t, const error&) { return std::string{}; }, patience};
}

// So many messages that the socket takes no more.
constexpr std::uint64_t more_than_fit = 100;

} // namespace

TEST_CASE("a message that is refused although there is room is tried again, and given up in the end") {
    send_patience patience{{.interval = 10ms, .without_room = 100, .with_room = 3}};
    const auto begin = send_patience::clock::now();
    auto room = [] { return true; };
    CHECK(patience.in_vain(begin, room));
    CHECK(patience.refused());
    CHECK(patience.next_try() == begin + 10ms);
    for (auto early : {1ms, 5ms, 9ms}) // tries that come sooner do not count
        CHECK(patience.in_vain(begin + early, room));
    CHECK(patience.in_vain(begin + 10ms, room));
    CHECK_FALSE(patience.in_vain(begin + 20ms, room));
}

TEST_CASE("time in which nothing was tried does not count, and a message that leaves begins anew") {
    send_patience patience{{.interval = 10ms, .without_room = 3, .with_room = 3}};
    const auto begin = send_patience::clock::now();
    auto full = [] { return false; };
    CHECK(patience.in_vain(begin, full));
    CHECK_FALSE(patience.refused());
    CHECK(patience.in_vain(begin + 1h, full)); // the machine was suspended
    patience.progress();
    CHECK(patience.in_vain(begin + 2h, full));
    CHECK(patience.in_vain(begin + 3h, full));
    CHECK_FALSE(patience.in_vain(begin + 4h, full));
}

TEST_CASE("a process that takes no messages is given up, and its owner is told without a further message") {
    auto ends = channel::pair();
    REQUIRE(ends);
    auto events = reactor::start();
    REQUIRE(events);
    std::mutex mutex;
    outbox out{std::move(ends->first), [](std::uint64_t, const error&) {}, short_patience};
    std::promise<error> given_up;
    std::unique_lock lock{mutex};
    REQUIRE(out.watch(**events, [&](std::uint32_t) {
        std::scoped_lock own{mutex};
        if (auto flushed = out.flush(); !flushed) {
            out.close();
            given_up.set_value(flushed.error());
        }
    }));
    for (std::uint64_t request = 1; request <= more_than_fit; ++request)
        REQUIRE(out.send(message(request)));
    lock.unlock();
    auto told = given_up.get_future();
    REQUIRE(told.wait_for(60s) == std::future_status::ready);
    auto why = told.get();
    CHECK(why.code == error_code::environment_gone);
    CHECK(why.message.find("does not take its messages") != std::string::npos);
}

TEST_CASE("messages that wait leave in order once the other end reads again") {
    auto ends = channel::pair();
    REQUIRE(ends);
    auto events = reactor::start();
    REQUIRE(events);
    std::mutex mutex;
    outbox out{std::move(ends->first), [](std::uint64_t, const error&) {}};
    std::unique_lock lock{mutex};
    REQUIRE(out.watch(**events, [&](std::uint32_t) {
        std::scoped_lock own{mutex};
        (void)out.flush();
    }));
    for (std::uint64_t request = 1; request <= more_than_fit; ++request)
        REQUIRE(out.send(message(request)));
    lock.unlock();
    channel::message next;
    for (std::uint64_t request = 1; request <= more_than_fit;) {
        auto got = ends->second.receive(next);
        REQUIRE(got);
        if (*got == channel::status::ok)
            CHECK(protocol::request_of(next.bytes) == request++);
    }
    std::scoped_lock own{mutex};
    out.close();
}

TEST_CASE("a reader that is stopped is waited for, and asked for room") {
    auto ends = channel::pair();
    REQUIRE(ends);
    auto waiting = answers({.interval = 0ms, .without_room = send_patience::endless, .with_room = 1});
    for (std::uint64_t request = 1; request <= more_than_fit; ++request)
        waiting.push(message(request));
    for (int i = 0; i < 1000; ++i)
        REQUIRE(waiting.flush(ends->first));
    CHECK(waiting.wants_room());
    CHECK_FALSE(waiting.wake_at());
    ends->second.reset();
    CHECK_FALSE(waiting.flush(ends->first));
}
