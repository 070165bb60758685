// SPDX-License-Identifier: MIT
// Limits, nice value, processors and descriptors of a command that are its caller's, not the runtime's.
#include "tests/support/machine_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sched.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;

namespace {

process_request with(process_request request, process_settings settings) {
    request.program.settings = std::move(settings);
    return request;
}

std::string output_of(machine_fixture& f, process_request request) {
    auto result = f.run(std::move(request));
    REQUIRE(result);
    INFO(result->stderr_text);
    CHECK(result->returncode == 0);
    return result->stdout_text;
}

/// In nanoseconds; empty: this kernel does not tell.
std::string slice_in(const std::string& sched_file) {
    std::ifstream file{sched_file};
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("se.slice"))
            return line.substr(line.find_last_of(' ') + 1);
    return {};
}

struct pipe_pair {
    descriptor reader;
    descriptor writer;

    pipe_pair() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        reader = descriptor{ends[0]};
        writer = descriptor{ends[1]};
    }
    /// Without waiting: what is written is there by the command's end.
    std::string text() const {
        std::array<char, 4096> buffer{};
        ::fcntl(reader.get(), F_SETFL, O_NONBLOCK);
        auto got = ::read(reader.get(), buffer.data(), buffer.size());
        return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }
};

} // namespace

TEST_CASE("a command has the limits that it is given") {
    machine_fixture f{each_containment()};
    process_settings settings;
    settings.limits = {{"nofile", {61, 73}}, {"core", {0, 0}}, {"stack", {4 << 20, UINT64_MAX}}};
    CHECK(output_of(f, with(f.shell("ulimit -S -n; ulimit -H -n; ulimit -H -c; ulimit -S -s"), settings)) ==
          "61\n73\n0\n4096\n");
    // The next one has the runtime's own.
    rlimit own{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &own) == 0);
    CHECK(output_of(f, f.shell("ulimit -S -n")) == std::to_string(own.rlim_cur) + "\n");
}

TEST_CASE("a hard limit that may not rise stays, and the soft one gets what it allows") {
    machine_fixture f;
    rlimit own{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &own) == 0);
    process_settings settings;
    // Above /proc/sys/fs/nr_open, which root may not exceed either.
    settings.limits = {{"nofile", {std::uint64_t{1} << 40, std::uint64_t{1} << 40}}};
    CHECK(output_of(f, with(f.shell("ulimit -S -n; ulimit -H -n"), settings)) ==
          std::to_string(own.rlim_max) + "\n" + std::to_string(own.rlim_max) + "\n");
}

TEST_CASE("a limit of its own that ends a command is named with its bound") {
    machine_fixture f;
    process_settings settings;
    settings.limits = {{"fsize", {4096, 4096}}};
    auto result = f.run(with(f.shell("exec head -c 10000 /dev/zero >file"), settings));
    REQUIRE(result);
    CHECK(result->signal == SIGXFSZ);
    REQUIRE(result->limits_reached.size() == 1);
    CHECK(result->limits_reached.front().limit == "RLIMIT_FSIZE");
    CHECK(result->limits_reached.front().allowed == 4096);
}

TEST_CASE("a command has the nice value and the processors that it is given") {
    machine_fixture f{each_containment()};
    cpu_set_t usable;
    REQUIRE(::sched_getaffinity(0, sizeof usable, &usable) == 0);
    int last = -1;
    for (int number = 0; number < CPU_SETSIZE; ++number)
        if (CPU_ISSET(number, &usable))
            last = number;
    process_settings settings;
    settings.nice = 7;
    settings.processors = {last};
    const auto script = "nice; sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status";
    CHECK(output_of(f, with(f.shell(script), settings)) == "7\n" + std::to_string(last) + "\n");
    // Where the machine has none of them, the command keeps what it has.
    const auto usual = output_of(f, f.shell(script));
    settings = {};
    settings.processors = {8191};
    CHECK(output_of(f, with(f.shell(script), settings)) == usual);
}

TEST_CASE("the launcher has short turns, and a command those of its caller") {
    const auto own = slice_in("/proc/self/sched");
    if (own.empty())
        SKIP("this kernel does not show time slices in /proc/PID/sched");
    machine_fixture f{each_containment()};
    const auto launcher = f.machine->greeting().launcher_pid;
    CHECK(std::stoul(slice_in("/proc/" + std::to_string(launcher) + "/sched")) < std::stoul(own));
    CHECK(output_of(f, f.shell("sed -n 's/^se.slice *: *//p' /proc/self/sched")) == own + "\n");
}

TEST_CASE("a command's streams and descriptors may come from another process") {
    machine_fixture f{each_containment()};
    pipe_pair input;
    pipe_pair output;
    pipe_pair errors;
    pipe_pair passed;
    REQUIRE(::write(input.writer.get(), "text\n", 5) == 5);
    auto from = std::make_shared<command_descriptors>();
    from->streams = {std::move(input.reader), std::move(output.writer), std::move(errors.writer)};
    from->passed.push_back(std::move(passed.writer));
    auto request = f.shell("read line; echo \"<$line>\"; echo wrong >&2; echo seven >&7");
    request.streams = stream_mode::inherit;
    request.program.passed = {7};
    request.descriptors = std::move(from);
    const auto captured = output_of(f, std::move(request));
    CHECK(captured.empty());
    CHECK(output.text() == "<text>\n");
    CHECK(errors.text() == "wrong\n");
    CHECK(passed.text() == "seven\n");
}

TEST_CASE("a stream that is not there is empty, and a captured command may read a descriptor") {
    machine_fixture f;
    // By its number: its name is another where the root is not the one it was opened under.
    auto request =
        f.shell("test \"$(stat -L -c %t:%T /proc/self/fd/0)\" = 1:3 && echo lost && echo lost >&2");
    request.streams = stream_mode::inherit;
    request.descriptors = std::make_shared<command_descriptors>();
    const auto read_nothing = output_of(f, std::move(request));
    CHECK(read_nothing.empty());
    pipe_pair input;
    REQUIRE(::write(input.writer.get(), "text\n", 5) == 5);
    input.writer.reset();
    auto from = std::make_shared<command_descriptors>();
    from->streams[0] = std::move(input.reader);
    request = f.shell("cat");
    request.descriptors = std::move(from);
    const auto read_input = output_of(f, std::move(request));
    CHECK(read_input == "text\n");
}
