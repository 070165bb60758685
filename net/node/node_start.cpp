// SPDX-License-Identifier: MIT
#include "net/node/node_start.hpp"

#include "system/posix/system_failure.hpp"
#include "system/posix/time_slice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

constexpr int ready_number = 3;
constexpr std::size_t longest_word = 16 << 10;

constexpr std::array tracking_variables{"RUNNER_TRACKING_ID", "JENKINS_NODE_COOKIE", "BUILD_ID"};

/// For what the node's log does not get: words of the C library, and of a crash.
outcome<descriptor> open_log(const std::filesystem::path& path) {
    descriptor log{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!log)
        return system_failure(errno, fmt::format("cannot open {}", path.string()));
    return log;
}

struct spawn_plan {
    spawn_plan() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
    }
    spawn_plan(const spawn_plan&) = delete;
    spawn_plan& operator=(const spawn_plan&) = delete;
    ~spawn_plan() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }

    void set_up(int log, int ready) {
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        // By way of a high number: any of these may be one of the numbers below.
        ::posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, ready, ready_number);
        ::posix_spawn_file_actions_addclosefrom_np(&actions, ready_number + 1);
        ::posix_spawn_file_actions_addchdir_np(&actions, "/");
        sigset_t none{};
        ::sigemptyset(&none);
        sigset_t all{};
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setflags(&attributes,
                                   POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

/// What the node says of its start, until it closes the pipe.
outcome<std::string> hear(int pipe, std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    std::string heard;
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd ready{pipe, POLLIN, 0};
        const int news = left.count() > 0 ? ::poll(&ready, 1, static_cast<int>(left.count())) : 0;
        if (news < 0 && errno == EINTR)
            continue;
        if (news <= 0)
            return failure(error_code::node_unreachable,
                           fmt::format("the node did not say within {} s whether it is ready",
                                       std::chrono::duration_cast<std::chrono::seconds>(patience).count()),
                           "gestvenv node logs shows what it does");
        std::array<char, 4096> piece{};
        auto count = ::read(pipe, piece.data(), piece.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0 || heard.size() > longest_word)
            return heard;
        heard.append(piece.data(), static_cast<std::size_t>(count));
    }
}

outcome<void> spawn(const node_place& place, const node_start_options& options) {
    auto log = open_log(place.log());
    if (!log)
        return failure(std::move(log).error());
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return system_failure(errno, "cannot make a pipe");
    descriptor heard{ends[0]};
    descriptor said{::fcntl(ends[1], F_DUPFD_CLOEXEC, 64)};
    ::close(ends[1]);
    if (!said)
        return system_failure(errno, "cannot duplicate a descriptor");
    std::vector<std::string> words{"gestvenv",
                                   "node",
                                   "start",
                                   "--foreground",
                                   "--ready-descriptor",
                                   std::to_string(ready_number),
                                   "--usual-log-file",
                                   place.log().string()};
    words.insert(words.end(), options.arguments.begin(), options.arguments.end());
    std::vector<char*> arguments;
    for (auto& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<char*> variables;
    for (char** item = ::environ; item != nullptr && *item != nullptr; ++item) {
        std::string_view text{*item};
        if (is_kept_for_node(text.substr(0, text.find('=')), options.outlives_job))
            variables.push_back(*item);
    }
    variables.push_back(nullptr);
    spawn_plan plan;
    plan.set_up(log->get(), said.get());
    pid_t child = -1;
    int why = 0;
    {
        const original_time_slice as_before;
        why = ::posix_spawn(&child, options.program.c_str(), &plan.actions, &plan.attributes,
                            arguments.data(), variables.data());
    }
    if (why != 0)
        return system_failure(why, fmt::format("cannot start {}", options.program.string()));
    said.reset();
    auto answer = hear(heard.get(), options.patience);
    if (!answer)
        return failure(std::move(answer).error());
    if (*answer == "ready")
        return {};
    // As render() makes it: the message, and a hint where there is one.
    std::string_view text = *answer;
    constexpr std::string_view before = "error: ";
    if (text.starts_with(before))
        text.remove_prefix(before.size());
    constexpr std::string_view between = "\n\nhint: ";
    const auto hint = text.find(between);
    if (text.empty())
        return failure(error_code::node_unreachable, "the node ended before it was ready",
                       "gestvenv node logs may say why");
    return failure(
        error_code::node_unreachable, fmt::format("the node cannot be started: {}", text.substr(0, hint)),
        hint == std::string_view::npos ? std::string{} : std::string{text.substr(hint + between.size())});
}

} // namespace

// Secrets of a job are in its variables; what installers need of them comes with each request.
bool is_kept_for_node(std::string_view name, bool outlives_job) noexcept {
    constexpr std::array kept{"PATH",          "HOME",
                              "USER",          "LOGNAME",
                              "SHELL",         "LANG",
                              "LANGUAGE",      "TZ",
                              "TMPDIR",        "LD_LIBRARY_PATH",
                              "SSL_CERT_FILE", "SSL_CERT_DIR",
                              "PYENV_ROOT",    "NOTIFY_SOCKET",
                              "INVOCATION_ID", "CI"};
    if (name == "GESTVENV_TOKEN")
        return false;
    for (std::string_view prefix : {"LC_", "XDG_", "GESTVENV_", "OTEL_", "ASAN_", "UBSAN_", "TSAN_", "LSAN_"})
        if (name.starts_with(prefix))
            return true;
    if (std::find(tracking_variables.begin(), tracking_variables.end(), name) != tracking_variables.end())
        return !outlives_job;
    return std::find(kept.begin(), kept.end(), name) != kept.end();
}

outcome<started_node> start_node(const node_place& place, const node_start_options& options) {
    auto found = place.living();
    if (!found)
        return failure(std::move(found).error());
    if (*found)
        return started_node{std::move(**found), true};
    auto lock = place.lock_start(options.patience);
    if (!lock)
        return failure(std::move(lock).error());
    found = place.living(); // another one may have started it meanwhile
    if (found && *found)
        return started_node{std::move(**found), true};
    auto begun = spawn(place, options);
    place.start_is_over();
    if (!begun)
        return failure(std::move(begun).error());
    found = place.living();
    if (!found)
        return failure(std::move(found).error());
    if (!*found)
        return failure(error_code::node_unreachable, "the node ended right after its start",
                       "gestvenv node logs may say why");
    return started_node{std::move(**found), false};
}

} // namespace gestvenv
