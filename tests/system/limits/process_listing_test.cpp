// SPDX-License-Identifier: MIT
#include "tests/support/machine_fixture.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sys/types.h>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::answer;
using test::each_containment;
using test::machine_fixture;

namespace {

outcome<protocol::listed> list(machine_fixture& f, std::int64_t most = 100) {
    return answer<protocol::listed>([&](auto done) { f.machine->list_processes({f.id, most}, done); });
}

const protocol::listed_process* find(const protocol::listed& all, const std::string& argument) {
    auto found = std::find_if(all.processes.begin(), all.processes.end(), [&](const auto& one) {
        return ('\0' + one.arguments).find('\0' + argument + '\0') != std::string::npos;
    });
    return found == all.processes.end() ? nullptr : &*found;
}

// Until a process that has this argument is there, and `good` of it.
template <class Good>
protocol::listed list_until(machine_fixture& f, const std::string& argument, Good good) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
        auto all = list(f);
        REQUIRE(all);
        if (const auto* one = find(*all, argument); one != nullptr && good(one->facts))
            return *all;
        ::poll(nullptr, 0, 5);
    }
    FAIL("there is no such process");
    return {};
}

protocol::listed list_until(machine_fixture& f, const std::string& argument) {
    return list_until(f, argument, [](const process_info&) { return true; });
}

} // namespace

TEST_CASE("an environment in which nothing runs has no processes") {
    machine_fixture f{each_containment()};
    auto all = list(f);
    REQUIRE(all);
    CHECK(all->total == 0);
    CHECK(all->processes.empty());
}

TEST_CASE("the processes of an environment are listed with what the kernel knows of them") {
    const auto containment = each_containment();
    machine_fixture f{containment};
    const auto word = "600." + test::unique_number();
    auto result = f.begin(f.shell("sleep " + word + " & wait"));
    const auto all =
        list_until(f, word, [](const process_info& one) { return one.state == process_state::sleeping; });
    CHECK(all.total == static_cast<std::int64_t>(all.processes.size()));
    const auto* sleeper = find(all, word);
    REQUIRE(sleeper != nullptr);
    CHECK(sleeper->arguments == "sleep" + std::string{'\0'} + word + '\0');
    CHECK(sleeper->facts.name == "sleep");
    CHECK(sleeper->facts.threads == 1);
    CHECK(sleeper->facts.memory_bytes > 0);
    CHECK(sleeper->facts.started_at <= all.at);
    CHECK(all.at - sleeper->facts.started_at < 10min);
    CHECK(sleeper->facts.pid_in_environment.has_value() == (containment == containment::pid_namespace));
    if (sleeper->facts.pid_in_environment)
        CHECK(*sleeper->facts.pid_in_environment < sleeper->facts.pid);
    // The number is the host's: its own list of processes has the same one.
    std::ifstream there{"/proc/" + std::to_string(sleeper->facts.pid) + "/cmdline"};
    const std::string read{std::istreambuf_iterator<char>{there}, {}};
    CHECK(read == sleeper->arguments);
    auto shell = std::find_if(all.processes.begin(), all.processes.end(),
                              [&](const auto& one) { return one.facts.pid == sleeper->facts.parent_pid; });
    REQUIRE(shell != all.processes.end());
    CHECK(shell->facts.name == "sh");
    f.machine->kill(f.id, 1, 0ms);
    result.wait();
}

TEST_CASE("a stopped process is listed as stopped") {
    machine_fixture f{each_containment()};
    const auto word = "600." + test::unique_number();
    auto result = f.begin(f.shell("sleep " + word + " & wait"));
    const auto all = list_until(f, word);
    const auto pid = static_cast<pid_t>(find(all, word)->facts.pid);
    REQUIRE(::kill(pid, SIGSTOP) == 0);
    list_until(f, word, [](const process_info& one) { return one.state == process_state::stopped; });
    ::kill(pid, SIGCONT);
    f.machine->kill(f.id, 1, 0ms);
    result.wait();
}

TEST_CASE("a list that is cut has those with most memory, and says how many there are") {
    machine_fixture f{each_containment()};
    const auto word = "600." + test::unique_number();
    auto result = f.begin(f.shell("for i in 1 2 3; do sleep 600 & done; sleep " + word +
                                  " & exec python3 -c '\n"
                                  "import time\n"
                                  "block = b\"x\" * (50 << 20)\n"
                                  "time.sleep(600)' filled"));
    list_until(f, "filled", [](const process_info& one) { return one.memory_bytes >= 50 << 20; });
    list_until(f, word);
    auto cut = list(f, 2);
    REQUIRE(cut);
    REQUIRE(cut->processes.size() == 2);
    CHECK(cut->total >= 5);
    CHECK(cut->processes.front().facts.name.starts_with("python3"));
    CHECK(cut->processes.front().facts.memory_bytes >= cut->processes.back().facts.memory_bytes);
    f.machine->kill(f.id, 1, 0ms);
    result.wait();
}

TEST_CASE("there is no list of an environment that is gone") {
    machine_fixture f;
    REQUIRE(f.end());
    auto all = list(f);
    REQUIRE_FALSE(all);
    CHECK(all.error().code == error_code::environment_gone);
}

TEST_CASE("many lists that are asked for at once are all answered") {
    machine_fixture f;
    const auto word = "600." + test::unique_number();
    auto result = f.begin(f.shell("sleep " + word + " & wait"));
    list_until(f, word);
    std::vector<std::future<outcome<protocol::listed>>> answers;
    for (int i = 0; i < 64; ++i) {
        auto promise = std::make_shared<std::promise<outcome<protocol::listed>>>();
        answers.push_back(promise->get_future());
        f.machine->list_processes({f.id, 10}, [promise](auto all) { promise->set_value(std::move(all)); });
    }
    int complete = 0;
    for (auto& one : answers) {
        auto all = one.get();
        if (all)
            ++complete;
        else
            CHECK(all.error().code == error_code::resources_exhausted);
    }
    CHECK(complete >= 8);
    f.machine->kill(f.id, 1, 0ms);
    result.wait();
}
