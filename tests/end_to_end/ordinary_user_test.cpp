// SPDX-License-Identifier: MIT
// The same without root. Where the tests run as root, the program is started as a user who has nothing: a
// made-up id, no groups, a home folder that is empty. As that user shares nothing with others, all traces
// are the program's.
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/traces.hpp"
#include "tests/support/places.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <unistd.h>

using namespace gestvenv::test;

namespace {

namespace files = std::filesystem;

class ordinary_user {
public:
    ordinary_user() {
        if (::geteuid() != 0)
            SKIP("the other tests have been run as an ordinary user already");
        home_ = place_.folder() / "home";
        files::create_directory(home_);
        // The build may lie where other users may not look.
        for (const char* program : {built_program, built_launcher})
            files::copy(program, place_.folder());
        program_ = place_.folder() / files::path{built_program}.filename();
        files::permissions(place_.folder(), files::perms{0755});
        if (::chown(home_.c_str(), id_, id_) != 0)
            SKIP("this root may not give a file away");
        auto& variables = place_.where().variables;
        place_.where().folder = home_;
        variables["HOME"] = home_.string();
        variables["XDG_STATE_HOME"] = (home_ / "state").string();
        variables["GESTVENV_TOOLS"] = copied_tools().string();
        variables["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        variables["GESTVENV"] = program_.string();
        if (place_.run(as_user({"true"})).status != 0)
            SKIP("setpriv cannot become another user here");
    }

    finished gestvenv(const std::vector<std::string>& words) {
        return place_.run(as_user(with_program(words)));
    }
    started_program start(const std::vector<std::string>& words) {
        return started_program{as_user(with_program(words)), place_.where(), place_.output_folder()};
    }
    finished shell(const std::string& line) { return place_.run(as_user({"sh", "-c", line})); }

    uid_t id() const noexcept { return id_; }
    const files::path& home() const noexcept { return home_; }

private:
    std::vector<std::string> with_program(std::vector<std::string> words) const {
        words.insert(words.begin(), program_.string());
        return words;
    }

    std::vector<std::string> as_user(const std::vector<std::string>& words) const {
        auto id = std::to_string(id_);
        std::vector<std::string> all{"setpriv", "--reuid", id, "--regid", id, "--clear-groups"};
        all.insert(all.end(), words.begin(), words.end());
        return all;
    }

    /// Root's tools lie in root's home; their uv is a program of one file.
    files::path copied_tools() const {
        auto from = tools_folder();
        auto to = place_.folder() / "tools";
        files::create_directories(to / "bin");
        if (files::exists(from / "bin/uv"))
            files::copy(from / "bin/uv", to / "bin/uv");
        return to;
    }

    scene place_;
    // Differs between tests that run at the same time; above what distributions give to people and services,
    // and below what containers of other users take for theirs.
    uid_t id_ = 70'000 + static_cast<uid_t>(::getpid() % 20'000);
    files::path home_;
    files::path program_;
};

} // namespace

TEST_CASE("an ordinary user runs a command and nothing is left") {
    ordinary_user user;
    const std::string script = "import os, sys; print(os.getuid(), sys.prefix != sys.base_prefix); "
                               "print(os.environ['VIRTUAL_ENV_PROMPT']); open('made', 'w')";
    auto result = user.gestvenv({"run", "--receipt", "receipt.json", "python", "-c", script});
    CAPTURE(result.err);
    CHECK(result.status == 0);
    auto lines = lines_of(result.out);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == std::to_string(user.id()) + " True");
    CHECK(files::exists(user.home() / "made"));
    CHECK(content_of(user.home() / "receipt.json").find("\"residue\": []") != std::string::npos);
    check_nothing_left(id_in(lines[1]), user.id());
}

TEST_CASE("a command of an ordinary user cannot trace the guard that it is the child of") {
    ordinary_user user;
    const std::string script =
        "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True); parent = os.getppid(); "
        "print(open(f'/proc/{parent}/comm').read().strip(), "
        "libc.ptrace(0x4206, parent, 0, 0))"; // PTRACE_SEIZE
    auto result = user.gestvenv({"run", "python", "-c", script});
    CAPTURE(result.err);
    REQUIRE(result.status == 0);
    if (!result.out.starts_with("gestvenv-guard"))
        SKIP("this user has groups: there are no guards");
    CHECK(result.out == "gestvenv-guard -1\n");
}

TEST_CASE("an ordinary user gets the same exit statuses") {
    ordinary_user user;
    auto status_of = [&user](const std::vector<std::string>& words) {
        auto result = user.gestvenv(words);
        UNSCOPED_INFO(result.err);
        return result.status.value_or(-1);
    };
    CHECK(status_of({"run", "sh", "-c", "exit 7"}) == 7);
    CHECK(status_of({"run", "sh", "-c", "kill -TERM $$"}) == 128 + SIGTERM);
    CHECK(status_of({"run", "no-such-program"}) == 127);
    CHECK(status_of({"run", "/etc/passwd"}) == 126);
    CHECK(status_of({"run", "--timeout", "0.2", "sleep", "1000"}) == 124);
}

TEST_CASE("an ordinary user's killed program leaves nothing running and nothing lying about") {
    ordinary_user user;
    const auto number = unique_number();
    const auto sleep = "sleep 1000." + number;
    auto program = user.start({"run", "sh", "-c",
                               "setsid " + sleep + " & (setsid sh -c \"trap '' TERM; " + sleep + "; " +
                                   sleep + "\" &); sleep 0.1; echo $VIRTUAL_ENV_PROMPT; " + sleep});
    program.wait_for_lines(1);
    program.send(SIGKILL);
    auto result = program.wait();
    CHECK(result.signal == SIGKILL);
    CHECK(wait_for_processes(number, 0, std::chrono::seconds{2}));
    check_nothing_left(id_in(result.out), user.id());
}

TEST_CASE("a missing permission is said, before anything is started") {
    ordinary_user user;
    auto closed = user.gestvenv({"run", "--cwd", "/root", "true"});
    if (user.shell("cd /root").status == 0)
        SKIP("root's home is open to all here");
    CHECK(closed.status == 2);
    CHECK(closed.err.find("Permission denied") != std::string::npos);
    user.shell("touch closed && chmod 0 closed");
    auto unreadable = user.gestvenv({"run", "--requirements", "closed", "true"});
    CHECK(unreadable.status == 2);
    CHECK(unreadable.err.find("Permission denied") != std::string::npos);
    user.shell(": >.python-version && chmod 0 .python-version");
    auto version = user.gestvenv({"run", "true"});
    CHECK(version.status == 0);
    CHECK(version.err.find(".python-version cannot be read") != std::string::npos);
    auto unwritable = user.gestvenv({"run", "--receipt", "/etc/receipt.json", "true"});
    CHECK(unwritable.status == 2);
    CHECK(unwritable.err.find("Permission denied") != std::string::npos);
}

TEST_CASE("an ordinary user installs packages") {
    ordinary_user user;
    auto result = user.gestvenv({"run", "--packages", "iniconfig==2.0.0", "python", "-c",
                                 "from importlib.metadata import version; print(version('iniconfig'))"});
    if (result.status == 125)
        needs_index(result);
    CHECK(result.out == "2.0.0\n");
    CHECK(result.status == 0);
}
