// SPDX-License-Identifier: MIT
// Installations that fail for the network are tried again, on a virtual clock.
#include "actors/installer.hpp"
#include "tests/actors/runtime_fixture.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::runtime_fixture;

namespace {

std::filesystem::path folder_with_uv(const test::temporary_folder& folder) {
    auto bin = folder.path() / "tools/bin";
    std::filesystem::create_directories(bin);
    std::ofstream{bin / "uv"} << "#!/bin/sh\n";
    std::filesystem::permissions(bin / "uv", std::filesystem::perms::owner_all);
    return folder.path() / "tools";
}

// An environment, and an installation under way in it through a uv that the test speaks for.
struct installing : runtime_fixture {
    test::answer_slot<install_result> slot;

    explicit installing(std::chrono::milliseconds timeout = 300s) {
        shared->tools.folder = folder_with_uv(folder);
        machine.storage = storage().string();
        std::filesystem::create_directories(site_packages());
        auto info = create();
        REQUIRE(info);
        machine.hold_commands = true;
        install_request request;
        request.packages = {"six"};
        request.timeout = timeout;
        slot = begin<install_result>(install_atom_v, info->id, request);
        system.run();
    }

    std::filesystem::path storage() const { return folder.path() / "environment"; }
    std::filesystem::path site_packages() const { return storage() / "venv/lib/python3.11/site-packages"; }
    void has_installed(const char* metadata) const {
        std::filesystem::create_directories(site_packages() / metadata);
    }

    bool is_running() const { return !machine.running.empty(); }
    void end(int status, std::string words) {
        REQUIRE(is_running());
        operation_result result;
        result.returncode = status;
        result.stderr_text = std::move(words);
        machine.finish(machine.running.begin()->first, std::move(result));
        system.run();
    }
    void pass(std::chrono::milliseconds time) {
        for (auto left = time; left > 0ms; left -= 100ms)
            system.advance(100ms);
    }
};

const char* const refused = "error: Request failed\n  Caused by: Connection refused (os error 111)\n";
const char* const unknown = "error: Because six was not found in the package registry, it cannot be used.\n";

} // namespace

TEST_CASE("an installation is tried three times when the network fails, after one second and after two") {
    installing f;
    f.end(1, refused);
    CHECK_FALSE(f.slot->has_value());
    f.pass(800ms);
    CHECK_FALSE(f.is_running());
    f.pass(400ms);
    f.end(1, refused);
    f.pass(1700ms);
    CHECK_FALSE(f.is_running());
    f.pass(600ms);
    f.end(1, refused);
    REQUIRE(f.slot->has_value());
    REQUIRE_FALSE(f.slot->value());
    CHECK(f.slot->value().error().code == error_code::install_failed);
    CHECK(f.slot->value().error().message.find("tried 3 times") != std::string::npos);
    f.pass(60s);
    CHECK_FALSE(f.is_running());
}

TEST_CASE("a network that comes back is all it takes, and the result says how often it was tried") {
    installing f;
    f.end(1, refused);
    f.pass(1200ms);
    f.has_installed("six-1.17.0.dist-info");
    f.end(0, "Installed 1 package\n + six==1.17.0\n");
    REQUIRE(f.slot->has_value());
    REQUIRE(f.slot->value());
    CHECK(f.slot->value()->attempts == 2);
    REQUIRE(f.slot->value()->installed.size() == 1);
    CHECK(f.slot->value()->installed[0].version == "1.17.0");
}

TEST_CASE("an installer that ends well without having installed what was asked for has failed") {
    installing f;
    f.has_installed("sixer-1.0.dist-info");
    f.end(0, "Using Python 3.11.2 environment at: /somewhere/else\nInstalled 1 package\n + six==1.17.0\n");
    REQUIRE(f.slot->has_value());
    REQUIRE_FALSE(f.slot->value());
    const auto& refused = f.slot->value().error();
    CHECK(refused.code == error_code::install_failed);
    CHECK(refused.message.find("six is not in the environment") != std::string::npos);
    CHECK(refused.message.find("/somewhere/else") != std::string::npos);
    CHECK_FALSE(refused.hint.empty());
}

TEST_CASE("what would fail again is not tried again") {
    installing f;
    f.end(1, unknown);
    REQUIRE(f.slot->has_value());
    CHECK_FALSE(f.slot->value());
    f.pass(60s);
    CHECK_FALSE(f.is_running());
}

TEST_CASE("no attempt begins after the time of the installation is over, and all share it") {
    SECTION("a pause that would end too late is not waited for") {
        installing f{900ms};
        f.end(1, refused);
        REQUIRE(f.slot->has_value());
        CHECK_FALSE(f.slot->value());
    }
    SECTION("the second attempt has what the first has left") {
        installing f{3s};
        f.end(1, refused);
        f.pass(1200ms);
        REQUIRE(f.is_running());
        f.pass(2s);
        REQUIRE(f.slot->has_value());
        REQUIRE_FALSE(f.slot->value());
        CHECK(f.slot->value().error().message.find("within 3 s") != std::string::npos);
    }
}

TEST_CASE("waiting for a turn counts neither against an installation nor against a creation") {
    runtime_config config;
    config.max_concurrent = 20;
    runtime_fixture f{config};
    f.shared->tools.folder = folder_with_uv(f.folder);
    f.machine.hold_commands = true;
    f.machine.storage = (f.folder.path() / "environment").string();
    std::filesystem::create_directories(f.machine.storage +
                                        "/venv/lib/python3.11/site-packages/six-1.17.0.dist-info");
    std::vector<test::answer_slot<environment_info>> all;
    for (int i = 0; i < installer_state::most_per_backend + 1; ++i)
        all.push_back(f.begin_creation({.ttl = 7200s, .packages = {"six"}}));
    f.system.run();
    const auto step = [&](int status) {
        for (auto left = 290s; left > 0s; left -= 10s)
            f.system.advance(10s);
        operation_result result;
        result.returncode = status;
        result.stderr_text = "Installed 1 package\n + six==1.17.0\n";
        for (auto under_way = f.machine.running.size(); under_way > 0; --under_way)
            f.machine.finish(f.machine.running.begin()->first, result);
        f.system.run();
    };
    step(0); // the first four, as slow as they may be
    CHECK_FALSE(all.back()->has_value());
    step(0); // and the one that has waited for them
    for (const auto& slot : all) {
        REQUIRE(slot->has_value());
        if (!slot->value())
            FAIL_CHECK(slot->value().error().message);
    }
}

TEST_CASE("an installation that an installer leaves running at its crash is ended before the next begins") {
    installing f;
    const auto first = f.machine.running.begin()->first;
    caf::anon_send_exit(caf::actor_cast<caf::actor>(f.shared->installer()), caf::exit_reason::kill);
    f.pass(1s);
    REQUIRE(f.slot->has_value());
    CHECK_FALSE(f.slot->value());
    CHECK_FALSE(f.machine.running.contains(first));
    CHECK(std::find(f.machine.log.begin(), f.machine.log.end(), "kill " + std::to_string(first)) !=
          f.machine.log.end());
}
