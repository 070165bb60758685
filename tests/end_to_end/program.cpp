// SPDX-License-Identifier: MIT
#include "tests/end_to_end/program.hpp"

#include "tests/support/places.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace gestvenv::test {

namespace {

std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables) {
    std::vector<std::string> entries;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        std::string text{*entry};
        if (variables.count(text.substr(0, text.find('='))) == 0)
            entries.push_back(std::move(text));
    }
    for (const auto& [name, value] : variables)
        entries.push_back(name + "=" + value);
    return entries;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const auto& text : texts)
        pointers.push_back(const_cast<char*>(text.c_str())); // posix_spawn(3) does not write to them
    pointers.push_back(nullptr);
    return pointers;
}

void check(int problem, const char* call) {
    if (problem != 0)
        throw std::system_error{problem, std::generic_category(), call};
}

std::string unique_name() {
    static std::atomic<int> next{0};
    return "output-" + std::to_string(next++);
}

} // namespace

started_program::started_program(const std::vector<std::string>& words, const surroundings& where,
                                 const temporary_folder& keep) {
    const auto name = unique_name();
    out_ = keep.path() / (name + ".out");
    err_ = keep.path() / (name + ".err");
    posix_spawn_file_actions_t actions;
    check(::posix_spawn_file_actions_init(&actions), "posix_spawn_file_actions_init");
    if (where.terminal >= 0) {
        for (int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            ::posix_spawn_file_actions_adddup2(&actions, where.terminal, descriptor);
    } else {
        constexpr int flags = O_WRONLY | O_CREAT | O_APPEND;
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_.c_str(), flags, 0600);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_.c_str(), flags, 0600);
    }
    if (!where.folder.empty())
        ::posix_spawn_file_actions_addchdir_np(&actions, where.folder.c_str());
    // The tests may be run with signals ignored or blocked; a user's shell has none.
    posix_spawnattr_t attributes;
    check(::posix_spawnattr_init(&attributes), "posix_spawnattr_init");
    sigset_t none;
    sigset_t handled;
    ::sigemptyset(&none);
    ::sigemptyset(&handled);
    ::sigfillset(&handled);
    for (int signal : {SIGKILL, SIGSTOP, SIGCHLD})
        ::sigdelset(&handled, signal);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &handled);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    auto entries = environment_with(where.variables);
    int problem = ::posix_spawnp(&pid_, words.front().c_str(), &actions, &attributes,
                                 pointers_to(words).data(), pointers_to(entries).data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    check(problem, words.front().c_str());
}

started_program::~started_program() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

void started_program::send(int signal) const {
    ::kill(pid_, signal);
}

finished started_program::wait() {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(pid_, &status, WNOHANG)) == 0) {
        if (std::chrono::steady_clock::now() >= deadline)
            FAIL("the program hangs; its output: " << output_so_far() << content_of(err_));
        ::poll(nullptr, 0, 2);
    }
    if (ended < 0)
        throw std::system_error{errno, std::generic_category(), "waitpid"};
    pid_ = -1;
    finished result;
    if (WIFEXITED(status))
        result.status = WEXITSTATUS(status);
    else
        result.signal = WTERMSIG(status);
    result.out = content_of(out_);
    result.err = content_of(err_);
    return result;
}

std::string started_program::output_so_far() const {
    return content_of(out_);
}

void started_program::wait_for_lines(std::size_t count) const {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (lines_of(output_so_far()).size() < count) {
        if (std::chrono::steady_clock::now() >= deadline)
            FAIL("the expected output does not come; there is: " << output_so_far() << content_of(err_));
        ::poll(nullptr, 0, 2);
    }
}

scene::scene() {
    where_.folder = folder_.path();
    where_.variables["XDG_STATE_HOME"] = (folder_.path() / "state").string();
    // Not that of the tests' caller.
    auto configuration = write("gestvenv.toml", "");
    std::filesystem::permissions(configuration, std::filesystem::perms{0644});
    where_.variables["GESTVENV_CONFIG"] = configuration.string();
    where_.variables["GESTVENV"] = built_program;
    auto pip = tools_folder() / "bin/pip";
    where_.variables["PIP"] = std::filesystem::exists(pip) ? pip.string() : "pip";
}

finished scene::gestvenv(const std::vector<std::string>& words) {
    return start(words).wait();
}

started_program scene::start(const std::vector<std::string>& words) {
    std::vector<std::string> all{built_program};
    all.insert(all.end(), words.begin(), words.end());
    return started_program{all, where_, folder_};
}

finished scene::shell(const std::string& line) {
    return run({"sh", "-c", line});
}

finished scene::run(const std::vector<std::string>& words) {
    return started_program{words, where_, folder_}.wait();
}

std::filesystem::path scene::write(const std::string& name, const std::string& content) {
    auto path = folder() / name;
    std::ofstream{path, std::ios::binary} << content;
    return path;
}

std::string content_of(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

std::filesystem::path tools_folder() {
    auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::filesystem::path{value != nullptr ? value : ""};
    };
    if (auto named = variable("GESTVENV_TOOLS"); !named.empty())
        return named;
    auto data = variable("XDG_DATA_HOME");
    return (data.empty() ? variable("HOME") / ".local/share" : data) / "gestvenv/tools";
}

void needs_index(const finished& failed) {
    scene elsewhere;
    auto asked = elsewhere.shell("\"$PIP\" download --quiet --no-deps --retries 1 --dest . six");
    if (asked.status != 0)
        SKIP("no package index can be reached: " << asked.err);
    FAIL("the index answers, and yet: " << failed.err);
    std::abort(); // not reached: both throw
}

} // namespace gestvenv::test
