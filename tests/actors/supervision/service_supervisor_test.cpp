// SPDX-License-Identifier: MIT
#include "actors/supervision/service_supervisor.hpp"

#include "actors/services.hpp"
#include "messages/caf/compat.hpp"
#include "tests/support/deterministic_system.hpp"

#include <gestvenv/exceptions.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <catch2/catch_test_macros.hpp>

#include <nlohmann/json.hpp>

#include <map>
#include <stdexcept>
#include <system_error>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

// Children that write down when they start, and that a test can kill.
struct nursery {
    test::deterministic_system system;
    std::vector<std::string> log;
    std::map<std::string, caf::actor> living;
    std::vector<crash_report> crashes;
    std::optional<std::string> given_up;
    std::optional<outcome<void>> first_starts;
    std::optional<std::exception_ptr> fails;
    service_supervisor_actor supervisor;

    supervised_service child(std::string name, restart_policy policy = restart_policy::permanent) {
        return {{.name = name, .restart = policy, .shutdown = 2s}, [this, name]() -> caf::actor {
                    if (fails)
                        std::rethrow_exception(*fails);
                    log.push_back("start " + name);
                    auto one = (*system).spawn(
                        []() -> caf::behavior { return {[](const continuation& next) { next.run(); }}; });
                    one->attach_functor([this, name](const caf::error&) { log.push_back("end " + name); });
                    living[name] = one;
                    return one;
                }};
    }

    void start(std::vector<supervised_service> all, supervision_settings settings = {}) {
        supervision_listener listener;
        listener.ready = [this](outcome<void> each) { first_starts = std::move(each); };
        listener.crashed = [this](crash_report report) { crashes.push_back(std::move(report)); };
        listener.gave_up = [this](const std::string& why) { given_up = why; };
        supervisor = spawn_service_supervisor(*system, settings, std::move(all), std::move(listener));
        system.run();
    }

    void kill(const std::string& name) {
        caf::anon_send_exit(living.at(name), caf::exit_reason::kill);
        system.run();
    }

    ~nursery() {
        living.clear();
        caf_compat::send_anonymously(supervisor, shutdown_atom_v);
        system.run();
        caf::anon_send_exit(supervisor, caf::exit_reason::kill);
        supervisor = service_supervisor_actor{};
        system.run();
    }
};

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("a killed service is started again after its pause, the others live on") {
    nursery n;
    n.start({n.child("a"), n.child("b")});
    CHECK(n.log == lines{"start a", "start b"});
    REQUIRE(n.first_starts);
    CHECK(n.first_starts->has_value());
    n.kill("a");
    CHECK(n.log == lines{"start a", "start b", "end a"});
    n.system.advance(100ms);
    CHECK(n.log == lines{"start a", "start b", "end a", "start a"});
    REQUIRE(n.crashes.size() == 1);
    CHECK(n.crashes[0].child == "a");
    CHECK(n.crashes[0].decision.find("started again") != std::string::npos);
}

TEST_CASE("a service that cannot have its thread at first is told to who waits for the services") {
    nursery n;
    n.fails = std::make_exception_ptr(
        std::system_error{std::make_error_code(std::errc::resource_unavailable_try_again)});
    n.start({n.child("a"), n.child("b")});
    REQUIRE(n.first_starts);
    REQUIRE_FALSE(n.first_starts->has_value());
    CHECK(n.first_starts->error().message == "cannot start a thread: Resource temporarily unavailable");
    CHECK(n.first_starts->error().hint.find("the limit of processes and threads is reached") == 0);
    // It is not given up for that: threads may be had later.
    n.fails.reset();
    n.system.advance(2s);
    CHECK(n.log == lines{"start a", "start b"});
}

TEST_CASE("with one_for_all everybody is stopped in reverse and started in order") {
    nursery n;
    n.start({n.child("a"), n.child("b"), n.child("c")}, {.strategy = restart_strategy::one_for_all});
    n.log.clear();
    n.kill("b");
    n.system.advance(100ms);
    CHECK(n.log == lines{"end b", "end c", "end a", "start a", "start b", "start c"});
}

TEST_CASE("a service that always fails is given up after its intensity, and started no more") {
    nursery n;
    n.start({n.child("a"), n.child("b")}, {.intensity = 3, .period = 60s});
    for (int i = 0; i < 4; ++i) {
        REQUIRE_FALSE(n.given_up);
        n.kill("a");
        n.system.advance(2s);
    }
    REQUIRE(n.given_up);
    CHECK(n.given_up->find("a: given up") == 0);
    CHECK(std::count(n.log.begin(), n.log.end(), "start a") == 4);
    n.kill("b");
    n.system.advance(60s);
    CHECK(std::count(n.log.begin(), n.log.end(), "start b") == 1);
}

TEST_CASE("a start that throws counts as an end, and a wrong configuration is not tried again") {
    nursery n;
    n.start({n.child("a")});
    SECTION("anything else is tried again") {
        n.fails = std::make_exception_ptr(std::runtime_error{"no memory"});
        n.kill("a");
        n.system.advance(100ms);
        n.fails.reset();
        n.system.advance(1s);
        CHECK(n.log.back() == "start a");
        REQUIRE(n.crashes.size() == 2);
        CHECK(n.crashes[1].reason.message == "no memory");
    }
    SECTION("a wrong configuration is not") {
        n.fails = std::make_exception_ptr(
            invalid_argument_exception{{error_code::invalid_argument, "a wrong path", {}, {}}});
        n.kill("a");
        n.system.advance(100ms);
        n.fails.reset();
        n.system.advance(60s);
        CHECK(n.log.back() == "end a");
        CHECK(n.crashes.back().decision.find("same way") != std::string::npos);
        CHECK_FALSE(n.given_up);
    }
}

TEST_CASE("the tree names the services, how they are supervised and how often they were started again") {
    nursery n;
    n.start({n.child("a"), n.child("b", restart_policy::transient)});
    n.kill("a");
    n.system.advance(100ms);
    auto text = std::make_shared<std::string>();
    (*n.system).spawn([&n, text](caf::event_based_actor* self) {
        caf_compat::request(self, n.supervisor, caf::infinite, tree_atom_v)
            .then([text](const std::string& answer) { *text = answer; });
    });
    n.system.run();
    auto tree = nlohmann::json::parse(*text);
    CHECK(tree["strategy"] == "one_for_one");
    CHECK(tree["children"][0]["name"] == "a");
    CHECK(tree["children"][0]["restarts"] == 1);
    CHECK(tree["children"][0]["state"] == "running");
    CHECK(tree["children"][1]["restart"] == "transient");
}

TEST_CASE("a shutdown stops the services in reverse and answers when all are gone") {
    nursery n;
    n.start({n.child("a"), n.child("b"), n.child("c")});
    n.log.clear();
    auto left = std::make_shared<std::optional<std::vector<residue>>>();
    (*n.system).spawn([&n, left](caf::event_based_actor* self) {
        caf_compat::request(self, n.supervisor, caf::infinite, shutdown_atom_v)
            .then([left](const std::vector<residue>& names) { *left = names; });
    });
    n.system.run();
    CHECK(n.log == lines{"end c", "end b", "end a"});
    REQUIRE(left->has_value());
    CHECK((*left)->empty());
}
