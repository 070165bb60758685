// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/signal_patience.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>

using gestvenv::cli::signal_patience;
using namespace std::chrono_literals;

namespace {

constexpr pid_t sender = 100;
constexpr pid_t other = 200;
const signal_patience::clock::time_point start{};

} // namespace

TEST_CASE("the third SIGINT within two seconds is one too many") {
    signal_patience patience;
    CHECK_FALSE(patience.exceeded_by(SIGINT, sender, start));
    CHECK_FALSE(patience.exceeded_by(SIGINT, sender, start + 900ms));
    CHECK(patience.exceeded_by(SIGINT, sender, start + 1900ms));
}

TEST_CASE("SIGINTs that are further apart are all the command's") {
    signal_patience patience;
    for (int i = 0; i < 10; ++i)
        CHECK_FALSE(patience.exceeded_by(SIGINT, sender, start + i * 1100ms));
}

TEST_CASE("a second SIGTERM is one too many, however late") {
    signal_patience patience;
    CHECK_FALSE(patience.exceeded_by(SIGTERM, sender, start));
    CHECK(patience.exceeded_by(SIGTERM, sender, start + 1h));
}

TEST_CASE("what one process sends twice at once is one request, as timeout(1) does") {
    signal_patience patience;
    CHECK_FALSE(patience.exceeded_by(SIGTERM, sender, start));
    CHECK_FALSE(patience.exceeded_by(SIGTERM, sender, start + 1ms));
    CHECK(patience.exceeded_by(SIGTERM, other, start + 2ms));
    for (int i = 0; i < 3; ++i)
        CHECK_FALSE(patience.exceeded_by(SIGINT, sender, start));
    CHECK_FALSE(patience.exceeded_by(SIGINT, other, start));
    CHECK(patience.exceeded_by(SIGINT, 0, start));
}

TEST_CASE("other signals are the command's, however often") {
    signal_patience patience;
    for (int i = 0; i < 10; ++i)
        for (int signal : {SIGUSR1, SIGUSR2, SIGHUP, SIGQUIT, SIGTSTP})
            CHECK_FALSE(patience.exceeded_by(signal, sender, start));
}
