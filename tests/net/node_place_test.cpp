// SPDX-License-Identifier: MIT
#include "net/node/node_place.hpp"

#include "net/node/listen_addresses.hpp"
#include "net/node/node_start.hpp"
#include "net/node/peer_check.hpp"
#include "system/posix/process_facts.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <csignal>
#include <filesystem>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gestvenv;
using namespace std::chrono_literals;

TEST_CASE("a record is of a node as long as its very process lives") {
    test::temporary_folder folder;
    node_place place{folder.path() / "state"};
    auto lock = place.take();
    REQUIRE(lock);
    REQUIRE(place.living());
    CHECK_FALSE(place.living()->has_value());
    node_record record;
    record.pid = ::getpid();
    record.start_time = start_time_of(record.pid).value();
    record.socket = "/nowhere/node.sock";
    REQUIRE(place.write(record));
    REQUIRE(place.living()->has_value());
    CHECK((*place.living())->socket == record.socket);
    record.start_time += 1; // another process got the number
    REQUIRE(place.write(record));
    CHECK_FALSE(place.living()->has_value());
}

TEST_CASE("a node that has ended and was not waited for has no record any more") {
    test::temporary_folder folder;
    node_place place{folder.path() / "state"};
    auto lock = place.take();
    REQUIRE(lock);
    node_record record;
    record.pid = ::fork();
    if (record.pid == 0)
        ::_exit(0);
    REQUIRE(record.pid > 0);
    siginfo_t ended{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(record.pid), &ended, WEXITED | WNOWAIT) == 0);
    record.start_time = start_time_of(record.pid).value();
    REQUIRE(place.write(record));
    CHECK_FALSE(place.living()->has_value());
    CHECK(::waitpid(record.pid, nullptr, 0) == record.pid);
}

TEST_CASE("there is one node per state folder, and the next one after its end") {
    test::temporary_folder folder;
    node_place place{folder.path() / "state"};
    {
        auto first = place.take();
        REQUIRE(first);
        auto second = place.take();
        REQUIRE_FALSE(second);
        CHECK(second.error().code == error_code::illegal_transition);
        place.remove(); // the name is free, and the lock of the new file is another one
    }
    CHECK(place.take());
}

TEST_CASE("a folder that others may write to holds no node") {
    test::temporary_folder folder;
    std::filesystem::create_directory(folder.path() / "state");
    REQUIRE(::chmod((folder.path() / "state").c_str(), 0777) == 0);
    auto taken = node_place{folder.path() / "state"}.take();
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == error_code::permission_denied);
}

TEST_CASE("a socket is its user's alone from the first moment, and takes the place of a dead one") {
    test::temporary_folder folder;
    const auto path = folder.path() / "node.sock";
    {
        auto first = listen_at(path);
        REQUIRE(first);
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
    }
    CHECK(listen_at(path));
    auto long_one = listen_at(folder.path() / std::string(200, 'x'));
    REQUIRE_FALSE(long_one);
    CHECK(long_one.error().code == error_code::invalid_argument);
}

TEST_CASE("a node keeps of its starter's variables what it needs, and no secret of a job") {
    for (const char* name : {"PATH", "HOME", "XDG_STATE_HOME", "GESTVENV_TOOLS", "LC_ALL"})
        CHECK(is_kept_for_node(name, false));
    for (const char* name :
         {"GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "PIP_INDEX_URL", "UV_PUBLISH_TOKEN", "SSH_AUTH_SOCK"})
        CHECK_FALSE(is_kept_for_node(name, false));
    for (const char* name : {"RUNNER_TRACKING_ID", "JENKINS_NODE_COOKIE", "BUILD_ID"}) {
        CHECK(is_kept_for_node(name, false));
        CHECK_FALSE(is_kept_for_node(name, true));
    }
}

TEST_CASE("an address says whether other machines reach it") {
    CHECK(parse_listen_address("127.0.0.1:8080")->is_loopback);
    CHECK(parse_listen_address("[::1]:0")->is_loopback);
    CHECK(parse_listen_address("localhost:80")->is_loopback);
    CHECK_FALSE(parse_listen_address("0.0.0.0:8080")->is_loopback);
    CHECK_FALSE(parse_listen_address("node.example:443")->is_loopback);
    for (const char* wrong :
         {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "::1:8080", "x:y"})
        CHECK_FALSE(parse_listen_address(wrong));
}

TEST_CASE("what runs below a launcher is found, and its neighbours are not") {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const pid_t grandchild = ::fork();
        if (grandchild == 0) {
            const pid_t own = ::getpid();
            [[maybe_unused]] auto written = ::write(pipe[1], &own, sizeof own);
            ::pause();
        }
        ::pause();
    }
    pid_t grandchild = 0;
    REQUIRE(::read(pipe[0], &grandchild, sizeof grandchild) == sizeof grandchild);
    CHECK(runs_below(child, grandchild));
    CHECK_FALSE(runs_below(child, ::getpid()));
    CHECK_FALSE(may_connect({grandchild, ::geteuid(), ::getegid()}, child));
    CHECK(may_connect({grandchild, ::geteuid(), ::getegid()}, grandchild + 100000));
    CHECK_FALSE(may_connect({::getpid(), ::geteuid() + 1, ::getegid()}, child));
    ::kill(grandchild, SIGKILL);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}
