// SPDX-License-Identifier: MIT
// Whatever a client sends, the server answers with an error or closes, keeps nothing of it, and serves others.
#include "messages/wire.hpp"
#include "net/execution/messages.hpp"
#include "system/version.hpp"
#include "tests/net/execution/served_environment.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <random>
#include <termios.h>
#include <thread>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;
using execution::kind;

namespace {

constexpr auto patience = 60s;

std::string frame(kind what, const std::string& body) {
    const auto length = static_cast<std::uint32_t>(body.size() + 1);
    std::string bytes;
    for (unsigned shift = 0; shift < 32; shift += 8)
        bytes.push_back(static_cast<char>((length >> shift) & 0xFF));
    bytes.push_back(static_cast<char>(what));
    return bytes + body;
}

template <class Body>
std::string frame_of(kind what, Body body) {
    return frame(what, wire::to_bytes(body));
}

execution::start start_of(command_spec command) {
    execution::start what;
    what.program_version = program_version;
    what.command = std::move(command);
    return what;
}

void send(const descriptor& socket, const std::string& bytes, std::size_t descriptors = 0) {
    const std::vector<int> numbers(descriptors, socket.get());
    std::vector<char> control(CMSG_SPACE(sizeof(int) * std::max<std::size_t>(descriptors, 1)));
    iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    if (descriptors > 0) {
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        auto* part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof(int) * descriptors);
        std::memcpy(CMSG_DATA(part), numbers.data(), sizeof(int) * descriptors);
    }
    // It may have been closed already: that is an answer too.
    (void)::sendmsg(socket.get(), &header, MSG_NOSIGNAL);
}

/// All that comes until the server closes.
std::string answer_on(const descriptor& socket) {
    std::string all;
    std::array<char, 4096> buffer{};
    for (;;) {
        pollfd item{socket.get(), POLLIN, 0};
        if (::poll(&item, 1, static_cast<int>(std::chrono::milliseconds{patience}.count())) != 1)
            FAIL("the server does not close the connection");
        auto got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0)
            return all;
        all.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

/// The error in an answer that is one.
error error_in(const std::string& answer) {
    REQUIRE(answer.size() > 5);
    REQUIRE(answer[4] == static_cast<char>(kind::failed));
    auto why = wire::from_bytes<error>(std::string_view{answer}.substr(5));
    REQUIRE(why);
    return *why;
}

std::size_t open_descriptors() {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        static_cast<void>(entry);
        ++count;
    }
    return count;
}

/// A connection is closed, and a killed command's pipes with it, a moment after its client has its answer.
bool wait_for_descriptors(std::size_t most) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (open_descriptors() > most) {
        if (std::chrono::steady_clock::now() >= deadline)
            return false;
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

struct bad_input {
    const char* what;
    std::string bytes;
    std::size_t descriptors = 0;
};

std::vector<bad_input> bad_inputs() {
    auto with_streams = start_of(shell("true"));
    with_streams.streams = 1;
    auto too_many_streams = start_of(shell("true"));
    too_many_streams.streams = 0xFF;
    auto terminal = shell("true");
    terminal.terminal = command_terminal{.device = 3};
    auto of_no_terminal = start_of(shell("true"));
    of_no_terminal.restored_modes = "modes";
    auto absent_terminal = start_of(shell("true"));
    absent_terminal.restored_modes.assign(sizeof(termios), '\0');
    auto passed = shell("true");
    passed.passed_descriptors.assign(65, 7);
    const auto good = frame_of(kind::start, start_of(shell("sleep 600")));
    return {
        {"a frame without a kind", std::string(4, '\0')},
        {"a frame of four gigabytes", std::string(4, '\xFF') + "\x01"},
        {"an unknown kind", frame(static_cast<kind>(99), "text")},
        {"an answer in place of a request", frame_of(kind::ended, operation_result{})},
        {"a start without a body", frame(kind::start, "")},
        {"a start cut short", frame(kind::start, wire::to_bytes(with_streams).substr(0, 40))},
        {"a start with more behind it", frame(kind::start, wire::to_bytes(with_streams) + "more"), 1},
        {"fewer descriptors than named", frame_of(kind::start, with_streams)},
        {"more descriptors than named", frame_of(kind::start, start_of(shell("true"))), 2},
        {"more descriptors than a command may have", frame_of(kind::start, start_of(shell("true"))), 69},
        {"as many descriptors as a message may have", frame_of(kind::start, start_of(shell("true"))), 253},
        {"streams that there are not", frame_of(kind::start, too_many_streams), 8},
        {"a terminal that does not come", frame_of(kind::start, start_of(terminal))},
        {"a socket in the place of a terminal", frame_of(kind::start, start_of(terminal)), 1},
        {"modes that no terminal has", frame_of(kind::start, of_no_terminal), 1},
        {"modes of a terminal that does not come", frame_of(kind::start, absent_terminal)},
        {"more passed on than is allowed", frame_of(kind::start, start_of(passed)), 65},
        {"a signal before a command", frame_of(kind::signal, execution::signal{15, {}, {}})},
        {"an end before a command", frame_of(kind::kill, execution::kill{})},
        {"two commands", good + good},
        {"a signal that cannot be read", good + frame(kind::signal, "x")},
        {"a signal for an unknown target", good + frame(kind::signal, std::string{"\x0F\0\0\0\x63\0", 6})},
    };
}

} // namespace

TEST_CASE("bad input is answered with an error, and nothing of it is left") {
    served_environment f;
    REQUIRE(f.run(shell("true")));
    const auto before = open_descriptors();
    for (const auto& input : bad_inputs()) {
        INFO(input.what);
        const auto socket = f.connect();
        send(socket, input.bytes, input.descriptors);
        auto why = error_in(answer_on(socket));
        CHECK_FALSE(why.message.empty());
    }
    CHECK(f.run(shell("echo served"))->stdout_text == "served\n");
    CHECK(wait_for_descriptors(before));
}

TEST_CASE("random bytes and half a frame harm no other client") {
    served_environment f;
    REQUIRE(f.run(shell("true")));
    const auto before = open_descriptors();
    std::mt19937 random{20261126}; // NOLINT(cert-msc51-cpp): the same bytes in every run
    const auto good = frame_of(kind::start, start_of(shell("exit 3")));
    for (int round = 0; round < 300; ++round) {
        auto bytes = round % 2 == 0 ? good : std::string(random() % 200, '\0');
        if (round % 2 == 0)
            bytes.resize(random() % bytes.size());
        for (int change = 0; change < 4 && !bytes.empty(); ++change)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        const auto socket = f.connect();
        send(socket, bytes, random() % 3);
        ::shutdown(socket.get(), SHUT_WR);
        answer_on(socket);
    }
    CHECK(f.run(shell("echo served"))->stdout_text == "served\n");
    CHECK(wait_for_descriptors(before));
}

TEST_CASE("a client of another version is told how to get a node of its own") {
    served_environment f;
    auto what = start_of(shell("true"));
    SECTION("of the program") {
        what.program_version = "99.0.0";
    }
    SECTION("of the messages") {
        what.protocol_version = execution::version + 1;
    }
    const auto socket = f.connect();
    send(socket, frame_of(kind::start, what));
    CHECK(error_in(answer_on(socket)).hint.find("gestvenv node stop") != std::string::npos);
}

TEST_CASE("a client that names no command in time is told so and let go") {
    served_environment f{{.start = 50ms}};
    const auto socket = f.connect();
    send(socket, frame_of(kind::start, start_of(shell("true"))).substr(0, 20));
    CHECK(error_in(answer_on(socket)).code == error_code::deadline_exceeded);
}

TEST_CASE("a client that does not take its result is let go") {
    served_environment f{{.send = 50ms}};
    const auto socket = f.connect();
    auto command = shell("head -c 8000000 /dev/zero");
    command.memory_limit = 16 << 20;
    send(socket, frame_of(kind::start, start_of(command)));
    pollfd item{socket.get(), POLLRDHUP, 0};
    REQUIRE(::poll(&item, 1, static_cast<int>(std::chrono::milliseconds{patience}.count())) == 1);
    CHECK(answer_on(socket).size() < 8'000'000);
    CHECK(f.run(shell("echo served"))->stdout_text == "served\n");
}
