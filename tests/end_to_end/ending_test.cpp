// SPDX-License-Identifier: MIT
// How the program ends by a signal: everything of it is gone a moment later, whatever its command did to
// stay.
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/traces.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace gestvenv::test;

namespace {

/// What is left of an environment when its program ends must be gone a second later. The processes here would
/// otherwise live for a quarter of an hour, so a second more for a busy machine proves the same.
constexpr std::chrono::seconds a_moment{2};

/// A command with every kind of descendant that hides from its parent; six processes carry `number` in their
/// words.
std::string stubborn_script(const std::string& number) {
    const auto sleep = "sleep 1000." + number;
    return sleep + " &\n"                                // plain background
           + "setsid " + sleep + " &\n"                  // in a session of its own
           + "(setsid sh -c '" + sleep + " & exit' &)\n" // forked twice
           + "setsid sh -c \"trap '' TERM INT HUP; " + sleep + "; " + sleep +
           "\" &\n" // deaf, and starts another
           + "nohup " + sleep + " >/dev/null 2>&1 &\n" + "sleep 0.1\n" + "echo $VIRTUAL_ENV_PROMPT\n" +
           sleep + "\n";
}

/// Takes connections and never says a word.
class silent_server {
public:
    silent_server() {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        auto* address = reinterpret_cast<sockaddr*>(&address_); // as bind(2) wants it
        REQUIRE(::bind(socket_, address, size) == 0);
        REQUIRE(::listen(socket_, 8) == 0);
        REQUIRE(::getsockname(socket_, address, &size) == 0);
    }
    silent_server(const silent_server&) = delete;
    silent_server& operator=(const silent_server&) = delete;
    ~silent_server() { ::close(socket_); }

    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/simple";
    }
    /// Waits until a client has connected.
    bool is_asked() const {
        pollfd connection{socket_, POLLIN, 0};
        return ::poll(&connection, 1, static_cast<int>(std::chrono::milliseconds{patience}.count())) == 1;
    }

private:
    sockaddr_in address_{};
    int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

} // namespace

TEST_CASE("a signal ends the program and all that its command left running") {
    // SIGINT is no matter of a shell's that waits for another program.
    const int signal = GENERATE(SIGTERM, SIGHUP, SIGKILL);
    CAPTURE(signal);
    scene place;
    const auto number = unique_number();
    place.write("script", stubborn_script(number));
    auto program = place.start({"run", "sh", "script"});
    program.wait_for_lines(1);
    REQUIRE(wait_for_processes(number, 7));
    program.send(signal);
    auto result = program.wait();
    CHECK(result.signal == signal);
    CHECK(wait_for_processes(number, 0, a_moment));
    check_nothing_left(id_in(result.out), ::geteuid());
}

TEST_CASE("a command that ends when asked to is asked, and the receipt is written") {
    scene place;
    auto program =
        place.start({"run", "--receipt", "receipt.json", "sh", "-c",
                     "trap 'echo asked >asked; exit' TERM; echo ready; while :; do sleep 0.02; done"});
    program.wait_for_lines(1);
    program.send(SIGTERM);
    CHECK(program.wait().status == 0);
    CHECK(content_of(place.folder() / "asked") == "asked\n");
    auto receipt = content_of(place.folder() / "receipt.json");
    CHECK(receipt.find("\"residue\": []") != std::string::npos);
}

TEST_CASE("a second signal ends the program at once, and nothing stays all the same") {
    scene place;
    const auto number = unique_number();
    place.write("script",
                "trap 'echo asked' TERM\n(" + stubborn_script(number) + ") &\nwhile :; do wait; done\n");
    auto program = place.start({"run", "sh", "script"});
    program.wait_for_lines(1);
    program.send(SIGTERM);
    program.wait_for_lines(2); // two that are pending at once would be one
    // By another process: what one sends twice at once counts as one.
    place.run({"kill", "-TERM", std::to_string(program.pid())});
    auto result = program.wait();
    CHECK(result.signal == SIGTERM);
    CHECK(wait_for_processes(number, 0, a_moment));
    check_nothing_left(id_in(result.out), ::geteuid());
}

TEST_CASE("a signal while packages are installed ends the installer too") {
    scene place;
    silent_server index;
    const auto package = "gestvenv-test-" + unique_number();
    place.where().variables["UV_DEFAULT_INDEX"] = index.url();
    place.where().variables["UV_INDEX_URL"] = index.url();
    auto program = place.start({"run", "--packages", package, "true"});
    REQUIRE(index.is_asked());
    program.send(SIGTERM);
    CHECK(program.wait().signal == SIGTERM);
    CHECK(wait_for_processes(package, 0, a_moment));
}

TEST_CASE("a signal that the caller ignores stays ignored, as nohup promises") {
    scene place;
    auto program =
        started_program{{"sh", "-c",
                         "trap '' HUP; exec \"$GESTVENV\" run sh -c 'echo ready; while ! test -e go; "
                         "do sleep 0.02; done'"},
                        place.where(),
                        place.output_folder()};
    program.wait_for_lines(1);
    program.send(SIGHUP);
    ::usleep(100'000);
    place.write("go", "");
    CHECK(program.wait().status == 0);
}
