// SPDX-License-Identifier: MIT
// The console in front of a person: from its start to its prompt, and from a key to what it completes.
#include "tools/bench/child_process.hpp"
#include "tools/bench/contest.hpp"
#include "tools/bench/rows/measured_node.hpp"
#include "tools/bench/rows/measures.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <poll.h>
#include <pty.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace gestvenv::bench {

namespace {

constexpr std::chrono::seconds patience{10};
constexpr int environments = 1000;

/// A console on a terminal of its own.
class console_child {
public:
    explicit console_child(const std::string& program) {
        winsize size{40, 120, 0, 0};
        pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
        if (pid_ < 0)
            throw std::runtime_error{"cannot make a terminal"};
        if (pid_ == 0) {
            ::setenv("TERM", "xterm", 1);
            ::setenv("NO_COLOR", "1", 1);
            ::execl(program.c_str(), "gestvenv", "console", nullptr);
            ::_exit(127);
        }
    }
    console_child(const console_child&) = delete;
    console_child& operator=(const console_child&) = delete;
    ~console_child() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        ::close(terminal_);
    }

    void type(std::string_view keys) const {
        if (::write(terminal_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
            throw std::runtime_error{"the console's terminal takes no key"};
    }

    /// Reads up to this text.
    void wait_for(std::string_view text) {
        const auto until = std::chrono::steady_clock::now() + patience;
        for (auto found = shown_.find(text); found == std::string::npos; found = shown_.find(text)) {
            pollfd ready{terminal_, POLLIN, 0};
            if (std::chrono::steady_clock::now() >= until)
                throw std::runtime_error{
                    fmt::format("the console does not show '{}', but: {}", text, shown_)};
            if (::poll(&ready, 1, 100) <= 0)
                continue;
            std::array<char, 4096> piece{};
            const auto count = ::read(terminal_, piece.data(), piece.size());
            if (count <= 0)
                throw std::runtime_error{"the console has ended: " + shown_};
            shown_.append(piece.data(), static_cast<std::size_t>(count));
        }
        shown_.erase(0, shown_.find(text) + text.size());
    }

private:
    int terminal_ = -1;
    pid_t pid_ = -1;
    std::string shown_;
};

void make_environments(const measured_node& node, const context& shared) {
    auto client = node.connect();
    for (int number = 0; number < environments; ++number) {
        http::request request;
        request.method = "POST";
        request.target = "/api/v1/ephemeral/environments";
        request.headers.add("Content-Type", "application/json");
        request.body = nlohmann::json{
            {"name", number == 0 ? "completed-by-a-key" : fmt::format("one-of-many-{}", number)},
            {"python_version", shared.python.string()},
            {"ttl", 3600}}.dump();
        auto answer = client.ask(request);
        if (!answer || answer->status >= 300)
            throw std::runtime_error{answer ? answer->body : answer.error().message};
    }
}

} // namespace

void measure_console_ready(const context& shared, int runs, row_result& result) {
    measured_node node{shared, wide_limits};
    const auto program = shared.command_line->string();
    std::optional<console_child> console;
    result.contestants = in_turn({{.name = "start to prompt",
                                   .ours = true,
                                   .target = "p50 at most 15 ms",
                                   .measured =
                                       [&] {
                                           console.emplace(program);
                                           console->wait_for("gestvenv> ");
                                       },
                                   .clear = [&] { console.reset(); }}},
                                 runs);
}

void measure_console_completion(const context& shared, int runs, row_result& result) {
    measured_node node{shared, wide_limits};
    make_environments(node, shared);
    console_child console{shared.command_line->string()};
    console.wait_for("gestvenv> ");
    // As a shell's completion asks, with the start of a program.
    const std::vector<std::string> asked{*shared.command_line, "__complete", "--",
                                         "ephemeral",          "show",       "completed-by"};
    result.contestants = in_turn({{.name = "a key to the whole name",
                                   .ours = true,
                                   .target = "p50 at most 30 ms",
                                   .measured =
                                       [&] {
                                           console.type("\t");
                                           console.wait_for("-a-key ");
                                       },
                                   .prepare =
                                       [&] {
                                           console.type("show completed-by");
                                           console.wait_for("completed-by");
                                       },
                                   .clear =
                                       [&] {
                                           console.type("\x03");
                                           console.wait_for("gestvenv> ");
                                       }},
                                  {.name = "what a shell asks, whole",
                                   .ours = true,
                                   .target = "p50 at most 30 ms",
                                   .measured = [asked] { run_child(asked); }}},
                                 runs);
}

} // namespace gestvenv::bench
