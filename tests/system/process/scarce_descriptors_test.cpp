// SPDX-License-Identifier: MIT
// A program that runs out of descriptors, or asks for too much at once: what fails is the one request.
#include "system/process/answer_queue.hpp"
#include "system/process/outbox.hpp"
#include "tests/support/machine_fixture.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/scarce_descriptors.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;

namespace {

std::string message(protocol::kind what, std::uint64_t request, std::size_t size) {
    auto bytes = protocol::encode(what, request);
    bytes.resize(std::max(bytes.size(), size), 'x');
    return bytes;
}

// What has arrived at one end, by request.
std::vector<std::uint64_t> requests_at(channel& end) {
    std::vector<std::uint64_t> found;
    channel::message next;
    for (;;) {
        auto got = end.receive(next);
        if (!got || *got != channel::status::ok)
            return found;
        found.push_back(protocol::request_of(next.bytes));
    }
}

constexpr std::size_t long_size = 100'000;

outcome<protocol::keeper_started> start_keeper(machine_fixture& f, const std::string& id) {
    return answer<protocol::keeper_started>([&](auto done) {
        f.machine->start_keeper({id, cgroup_name(id), {}}, done);
    });
}

std::string make_without_keeper(machine_fixture& f) {
    protocol::create request;
    request.environment_id = random_identifier();
    request.storage = storage_backend::tmpfs;
    request.size_bytes = 1 << 20;
    request.size_files = 100;
    request.base_path = (f.root.path() / "storage").string();
    request.owner_marker = "owner";
    REQUIRE(answer<protocol::created>([&](auto done) { f.machine->create(request, done); }));
    return request.environment_id;
}

} // namespace

TEST_CASE(
    "the connection to a keeper that finds no free descriptor fails alone, and can be asked for again") {
    auto how = each_containment();
    CAPTURE(how);
    machine_fixture f{how};
    auto word = unique_number();
    auto other = f.begin(f.shell("sleep 600." + word));
    REQUIRE(wait_for_processes("600." + word, 2));
    auto id = make_without_keeper(f);
    outcome<protocol::keeper_started> refused = failure(error{});
    {
        scarce_descriptors none;
        refused = start_keeper(f, id);
    }
    REQUIRE_FALSE(refused);
    CHECK(refused.error().hint.find("ulimit -n") != std::string::npos);
    CHECK_FALSE(f.machine->launcher_is_lost());
    CHECK(processes_with("600." + word).size() == 2); // the shell has the word too

    REQUIRE(start_keeper(f, id));
    auto request = f.shell("echo works");
    auto result = answer<operation_result>([&](auto done) { f.machine->run(id, std::move(request), done); });
    if (!result)
        FAIL(result.error().message);
    CHECK(result->stdout_text == "works\n");
    for (const auto& each : {id, f.id}) {
        auto ended = f.end(0ms, each);
        REQUIRE(ended);
        CHECK(ended->residue.empty());
    }
    (void)other.get();
}

TEST_CASE("a command without a descriptor for its streams fails alone") {
    machine_fixture f{each_containment()};
    outcome<operation_result> refused = failure(error{});
    auto request = f.shell("true");
    {
        scarce_descriptors few{3};
        refused = f.run(std::move(request));
    }
    REQUIRE_FALSE(refused);
    CHECK(refused.error().hint.find("ulimit -n") != std::string::npos);
    CHECK(f.run("true"));
}

TEST_CASE("a request that is larger than the link carries fails alone") {
    machine_fixture f;
    auto request = f.shell("true");
    for (int i = 0; i < 50; ++i)
        request.program.arguments.emplace_back(100'000, 'x');
    auto refused = f.run(std::move(request));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("exceeds the limit") != std::string::npos);
    CHECK(f.run("true"));
}

TEST_CASE("a long message that finds no memory file is refused, and the next one is sent") {
    auto ends = channel::pair();
    REQUIRE(ends);
    outbox out{std::move(ends->first), [](std::uint64_t, const error&) {}};
    outcome<void> refused;
    {
        scarce_descriptors none;
        refused = out.send(message(protocol::kind::run, 1, long_size));
    }
    REQUIRE_FALSE(refused);
    CHECK(refused.error().hint.find("ulimit -n") != std::string::npos);
    REQUIRE(out.send(message(protocol::kind::run, 2, long_size)));
    CHECK(requests_at(ends->second) == std::vector<std::uint64_t>{2});
}

TEST_CASE("a long message that finds no free descriptor at its reader is told by its head") {
    auto ends = channel::pair();
    REQUIRE(ends);
    REQUIRE(ends->first.send(message(protocol::kind::run, 7, long_size)));
    REQUIRE(ends->first.send(message(protocol::kind::run, 8, 100)));
    channel::message got;
    {
        scarce_descriptors none;
        REQUIRE(ends->second.receive(got).value() == channel::status::ok);
    }
    REQUIRE(got.incomplete);
    CHECK(protocol::request_of(got.bytes) == 7);
    CHECK(requests_at(ends->second) == std::vector<std::uint64_t>{8});
}

TEST_CASE("an answer that cannot be sent is replaced by one that says so") {
    auto ends = channel::pair();
    REQUIRE(ends);
    answer_queue answers{[](std::uint64_t request, error why) {
        return protocol::encode(protocol::kind::refused, request, protocol::refused{std::move(why)});
    }};
    answers.push(message(protocol::kind::ended, 3, largest_message + 1));
    answers.push(message(protocol::kind::ended, 4, 100));
    CHECK(answers.flush(ends->first));
    channel::message got;
    REQUIRE(ends->second.receive(got).value() == channel::status::ok);
    std::string_view body = got.bytes;
    auto head = protocol::take_header(body);
    REQUIRE(head);
    CHECK(head->what == protocol::kind::refused);
    CHECK(head->request == 3);
    CHECK(requests_at(ends->second) == std::vector<std::uint64_t>{4});
}
