// SPDX-License-Identifier: MIT
// A command over a channel is the one that its client would have started itself.
#include "tests/net/execution/served_environment.hpp"

#include "system/process/output_sink.hpp"

#include <condition_variable>
#include <csignal>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 60s;

struct pipe_pair {
    descriptor reader;
    descriptor writer;

    pipe_pair() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        reader = descriptor{ends[0]};
        writer = descriptor{ends[1]};
    }
    /// To its end.
    std::string text() {
        writer.reset();
        std::string all;
        std::array<char, 4096> buffer{};
        for (;;) {
            auto got = ::read(reader.get(), buffer.data(), buffer.size());
            if (got <= 0)
                return all;
            all.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }
};

/// In the place of a standard stream of this process for as long as it lives.
class stream_replaced {
public:
    stream_replaced(int number, int by) : number_(number), before_(::fcntl(number, F_DUPFD_CLOEXEC, 3)) {
        ::dup2(by, number);
    }
    stream_replaced(const stream_replaced&) = delete;
    stream_replaced& operator=(const stream_replaced&) = delete;
    ~stream_replaced() { ::dup2(before_.get(), number_); }

private:
    int number_;
    descriptor before_;
};

/// Hears output and stops; takes no more than `most` bytes until it is told to.
class listener final : public output_sink {
public:
    explicit listener(std::size_t most = SIZE_MAX) : most_(most) {}

    bool take(output_stream which, std::string_view piece) override {
        std::scoped_lock lock{mutex_};
        heard_.at(static_cast<std::size_t>(which)) += piece;
        changed_.notify_all();
        paused_ = heard_[0].size() >= most_;
        return !paused_;
    }
    void stopped(int signal) {
        std::scoped_lock lock{mutex_};
        stop_ = signal;
        changed_.notify_all();
    }
    template <class Condition>
    void wait_until(Condition met) {
        std::unique_lock lock{mutex_};
        if (!changed_.wait_for(lock, patience, met))
            FAIL("it does not come; there is: " << heard_[0]);
    }
    void wait_for(const std::string& text) {
        wait_until([&] { return heard_[0].find(text) != std::string::npos; });
    }
    void wait_until_full() {
        wait_until([&] { return paused_; });
    }
    int wait_for_stop() {
        wait_until([&] { return stop_ != 0; });
        return std::exchange(stop_, 0);
    }
    void take_all() {
        {
            std::scoped_lock lock{mutex_};
            most_ = SIZE_MAX;
        }
        tell_room();
    }
    std::string heard(output_stream which) {
        std::scoped_lock lock{mutex_};
        return heard_.at(static_cast<std::size_t>(which));
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t most_;
    std::array<std::string, 2> heard_;
    bool paused_ = false;
    int stop_ = 0;
};

struct controlled {
    std::shared_ptr<listener> ear = std::make_shared<listener>();
    std::shared_ptr<command_link> link = std::make_shared<command_link>();

    output_receiver receiver() const {
        link->on_stop([heard = ear](int signal) { heard->stopped(signal); });
        return {ear, link, nullptr};
    }
};

} // namespace

TEST_CASE("a command over a channel has its client's streams, descriptors, folder, umask and limits") {
    served_environment f;
    pipe_pair input;
    pipe_pair output;
    pipe_pair errors;
    pipe_pair passed;
    REQUIRE(::write(input.writer.get(), "text\n", 5) == 5);
    const int number = passed.writer.get();
    auto command =
        shell("read line; echo \"<$line>\"; echo wrong >&2; (pwd; umask; ulimit -n) >/proc/self/fd/" +
              std::to_string(number) + "; exit 3");
    command.streams = stream_mode::inherit;
    command.working_directory = f.folder.path();
    command.umask = 0027;
    command.process_settings.emplace();
    command.process_settings->limits["nofile"] = {99, 99};
    command.passed_descriptors = {number};
    std::future<outcome<operation_result>> answer;
    {
        const stream_replaced zero{0, input.reader.get()};
        const stream_replaced one{1, output.writer.get()};
        const stream_replaced two{2, errors.writer.get()};
        answer = f.begin(std::move(command));
    }
    auto result = served_environment::taken(std::move(answer));
    REQUIRE(result);
    CHECK(result->returncode == 3);
    CHECK(output.text() == "<text>\n");
    CHECK(errors.text() == "wrong\n");
    CHECK(passed.text() == f.folder.path().string() + "\n0027\n99\n");
}

TEST_CASE("input and output of a captured command go through a channel whole, whatever their size") {
    served_environment f;
    auto command = shell("cat; echo errors >&2");
    command.standard_input.assign(9 << 20, '\0');
    for (std::size_t i = 0; i < command.standard_input.size(); ++i)
        command.standard_input[i] = static_cast<char>(i * 7 + i / 251);
    command.memory_limit = 16 << 20;
    auto result = f.run(command);
    REQUIRE(result);
    CHECK(result->stdout_text == command.standard_input);
    CHECK(result->stderr_text == "errors\n");
    command.standard_input.clear();
    command.text = "cat | wc -c";
    result = f.run(command);
    REQUIRE(result);
    CHECK(result->stdout_text == "0\n");
}

TEST_CASE("a client hears output while the command runs, and a slow one makes it wait") {
    served_environment f;
    output_receiver with;
    auto ear = std::make_shared<listener>(100'000);
    with.sink = ear;
    auto command = shell("echo errors >&2; head -c 20000000 /dev/zero; touch written; echo end");
    auto answer = f.begin(command, with);
    ear->wait_until_full();
    // Its pipe, the sockets and what may wait on the way hold less than two megabytes.
    CHECK_FALSE(std::filesystem::exists(f.env->host_path() / "work" / "written"));
    ear->take_all();
    auto result = served_environment::taken(std::move(answer));
    INFO((result ? std::string{} : render(result.error())));
    REQUIRE(result);
    const auto heard = ear->heard(output_stream::standard_output);
    CHECK(heard.size() == 20'000'004);
    CHECK(heard.ends_with("end\n"));
    CHECK(ear->heard(output_stream::standard_error) == "errors\n");
}

TEST_CASE("a client sends its command signals, hears its stops and resumes it") {
    served_environment f;
    controlled by;
    auto answer = f.begin(shell("trap 'echo heard; exit 3' USR1; echo ready; while :; do sleep 0.02; done"),
                          by.receiver());
    by.ear->wait_for("ready");
    CHECK(by.link->signal({0, SIGSTOP, signal_target::program, {}}));
    CHECK(by.ear->wait_for_stop() == SIGSTOP);
    CHECK(by.link->signal({0, SIGCONT, signal_target::group, true}));
    CHECK(by.link->signal({0, SIGUSR1, signal_target::program, {}}));
    auto result = served_environment::taken(std::move(answer));
    REQUIRE(result);
    CHECK(result->returncode == 3);
    CHECK(by.ear->heard(output_stream::standard_output) == "ready\nheard\n");
    CHECK_FALSE(by.link->signal({0, SIGUSR1, signal_target::program, {}}));
}

TEST_CASE("a client ends its command, in order and at once") {
    served_environment f;
    for (auto grace : {std::chrono::milliseconds{patience}, 0ms}) {
        controlled by;
        auto answer =
            f.begin(shell("trap 'exit 0' TERM; echo ready; while :; do sleep 0.02; done"), by.receiver());
        by.ear->wait_for("ready");
        CHECK(by.link->kill(grace));
        auto result = served_environment::taken(std::move(answer));
        REQUIRE(result);
        CHECK(result->signal == (grace > 0ms ? std::optional<int>{} : SIGKILL));
    }
}

TEST_CASE("a command over a channel has the terminal that its client gives it") {
    served_environment f;
    int master = -1;
    int device = -1;
    REQUIRE(::openpty(&master, &device, nullptr, nullptr, nullptr) == 0);
    const descriptor keys{master};
    descriptor terminal{device};
    auto command =
        shell("test -t 0 && test -t 1 && ! test -t 2 && read line </dev/tty && echo \"<$line>\" >&2");
    command.terminal = command_terminal{.device = device, .error = false};
    REQUIRE(::write(master, "text\n", 5) == 5);
    auto result = f.run(command);
    REQUIRE(result);
    CHECK(result->returncode == 0);
    CHECK(result->stderr_text == "<text>\n");
}

TEST_CASE("what a runtime refuses and what a command reaches are told through a channel") {
    served_environment f;
    auto missing = f.run(shell("exec /no/such/program"));
    REQUIRE(missing);
    CHECK(missing->returncode == 127);
    command_spec command;
    command.arguments = {"/no/such/program"};
    auto refused = f.run(command);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::command_not_found);
    CHECK_FALSE(refused.error().hint.empty());
    command = shell("true");
    command.umask = 01000;
    refused = f.run(command);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::invalid_argument);
    command = shell("sleep 600");
    command.timeout = 100ms;
    auto late = f.run(command);
    REQUIRE(late);
    CHECK(late->timed_out);
    command = shell("true");
    command.passed_descriptors = {999};
    refused = f.run(command);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::invalid_argument);
}

TEST_CASE("the command of a client that vanishes is ended, and one that stays goes on") {
    served_environment f;
    for (const bool stays : {false, true}) {
        auto asking = execution::execution_client::start();
        REQUIRE(asking);
        controlled by;
        const auto word = unique_number();
        std::promise<outcome<operation_result>> ended;
        (*asking)->execute(
            f.connect(), shell("echo ready; sleep 600." + word), by.receiver(), stays,
            [&ended](outcome<operation_result> result) { ended.set_value(std::move(result)); });
        by.ear->wait_for("ready");
        REQUIRE(wait_for_processes(word, 1));
        asking->reset();
        auto result = served_environment::taken(ended.get_future());
        REQUIRE_FALSE(result);
        CHECK(result.error().code == error_code::shutting_down);
        CHECK_FALSE(by.link->kill(0ms));
        if (stays) {
            // By then the server knows that the client is gone.
            REQUIRE(f.run(shell("true")));
            CHECK(processes_with(word).size() == 1);
        } else {
            CHECK(wait_for_processes(word, 0));
        }
    }
}

TEST_CASE("the end of the node is an error of the commands that it runs") {
    served_environment f;
    controlled by;
    auto answer = f.begin(shell("echo ready; sleep 600"), by.receiver());
    by.ear->wait_for("ready");
    f.server.reset();
    auto result = served_environment::taken(std::move(answer));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == error_code::node_unreachable);
    CHECK_FALSE(by.link->signal({0, SIGTERM, signal_target::program, {}}));
}
