// SPDX-License-Identifier: MIT
// Processes that do what they can to outlive their environment; whatever that is, its end is theirs.
#include "system/launcher/helper_process.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/limits/cgroup_tree.hpp"
#include "tests/support/fault_hook.hpp"
#include "tests/support/machine_fixture.hpp"
#include "tests/support/outer_limit.hpp"
#include "tests/support/pid_namespace.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <future>
#include <string>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

struct stubborn {
    const char* what;
    /// Python; `sleep` never ends, in a process whose words have the test's own in them.
    const char* script;
    std::size_t processes = 1;
    /// Follows the word where not every process that has it tells that the script has got so far.
    const char* sign = "";
};

constexpr const char* preface = R"(
import ctypes, os, signal, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def sleep():
    while True:
        time.sleep(600)
def in_a_child(work):
    if os.fork() == 0:
        work()
        os._exit(0)
def end_first_thread_before(work):
    def rest():
        while open('/proc/self/stat').read().rpartition(')')[2].split()[0] != 'Z':
            time.sleep(0.001)
        work()
        time.sleep(600)
    threading.Thread(target=rest).start()
    libc.syscall(60 if os.uname().machine == 'x86_64' else 93, 0) # exit(2), of this thread alone
)";

// Nothing but its child can be found by its words.
constexpr const char* start_after_first_thread =
    "end_first_thread_before(lambda: in_a_child(lambda: "
    "os.execv('/bin/sleep', ['sleep', '600.' + sys.argv[1] + '9'])))";

const stubborn each_stubborn() {
    return GENERATE(
        stubborn{"it has a session of its own", "in_a_child(lambda: (os.setsid(), sleep())); sleep()", 2},
        stubborn{"it was forked twice", "in_a_child(lambda: in_a_child(sleep)); time.sleep(0.05)"},
        stubborn{"its variables are cleared", "os.execve('/bin/sleep', ['sleep', '600.' + sys.argv[1]], {})"},
        stubborn{"it ignores every signal it may", "[signal.signal(n, signal.SIG_IGN) for n in range(1, 65) "
                                                   "if n not in (9, 19, 32, 33)]; sleep()"},
        stubborn{"it blocks every signal it may",
                 "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); sleep()"},
        stubborn{"it has stopped itself", "os.kill(os.getpid(), signal.SIGSTOP); sleep()"},
        stubborn{"it clears its parent-death signal",
                 "in_a_child(lambda: (os.setsid(), libc.prctl(1, 0), sleep())); sleep()", 2},
        stubborn{"it adopts its own orphans",
                 "libc.prctl(36, 1); in_a_child(lambda: in_a_child(sleep)); sleep()", 2},
        stubborn{"it hangs in a vfork", "libc.vfork(); libc.pause()", 2},
        stubborn{"it is stopped by a tracer",
                 "in_a_child(lambda: (libc.ptrace(0, 0, 0, 0), os.kill(os.getpid(), 19), sleep())); sleep()",
                 2},
        stubborn{"it starts another for each request to end",
                 "signal.signal(15, lambda *_: in_a_child(sleep)); sleep()"},
        stubborn{"it waits for a lock",
                 "import fcntl; f = open('lock', 'w'); fcntl.flock(f, 2)\n"
                 "in_a_child(lambda: fcntl.flock(open('lock', 'w'), 2)); sleep()",
                 2},
        stubborn{"its first thread has ended", start_after_first_thread, 1, "9"},
        stubborn{"it has left its folder and closed everything",
                 "os.chdir('/'); os.closerange(0, 1000); sleep()"});
}

process_request in_python(machine_fixture& f, const std::string& script, const std::string& word) {
    auto request = f.shell("");
    request.program.arguments = {"/usr/bin/python3", "-I", "-S", "-c", preface + script, word};
    return request;
}

} // namespace

TEST_CASE("a process ends with its environment") {
    auto one = each_stubborn();
    CAPTURE(one.what);
    machine_fixture f{each_containment()};
    auto word = unique_number();
    auto running = f.begin(in_python(f, one.script, word));
    if (!wait_for_processes(word + one.sign, one.processes)) {
        auto there = processes_with(word).size();
        (void)f.end();
        auto result = running.get();
        FAIL(there << " processes instead of " << one.processes << ": "
                   << (result ? result->stderr_text : result.error().message));
    }
    auto ended = f.end(50ms);
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    CHECK(processes_with(word).empty());
    (void)running.get();
}

TEST_CASE("a fork bomb that goes off when its environment is to end goes no further") {
    outer_limit around{outer_limit::need::threads};
    resource_limits limits;
    limits.max_threads = 400;
    limits.max_processes = 1000;
    machine_fixture f{each_containment(), storage_backend::tmpfs, limits};
    auto word = unique_number();
    auto running = f.begin(in_python(f, R"(
def explode(*_):
    while True:
        try:
            os.fork()
        except OSError:
            pass
signal.signal(15, explode)
sleep()
)",
                                     word));
    REQUIRE(wait_for_processes(word, 1));
    auto ended = f.end(300ms);
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    CHECK(processes_with(word).empty());
    (void)running.get();
}

TEST_CASE("what a killed keeper has left running ends with its environment") {
    machine_fixture f{each_containment()};
    auto word = unique_number();
    auto running =
        f.begin(f.shell("sleep 600." + word + " & setsid sleep 600." + word + " & setsid sh -c 'sleep 600." +
                        word + "; sleep 600." + word + "' & sleep 0.0" + word.substr(word.size() - 1)));
    REQUIRE(wait_for_processes("sleep\0"s + "600." + word, 3));
    ::kill(static_cast<pid_t>(f.keeper_started.keeper_pid), SIGKILL);
    auto ended = f.end(50ms);
    REQUIRE(ended);
    CHECK(ended->residue.empty());
    CHECK(processes_with("600." + word).empty());
    (void)running.get();
}

TEST_CASE("a killed command takes along what a process without its first thread has started") {
    machine_fixture f{each_containment()};
    auto word = unique_number();
    auto request = in_python(f, start_after_first_thread, word);
    auto number = request.program.command;
    auto running = f.begin(std::move(request));
    REQUIRE(wait_for_processes(word + "9", 1));
    f.machine->kill(f.id, number, 0ms);
    REQUIRE(running.wait_for(5s) == std::future_status::ready);
    CHECK(wait_for_processes(word, 0, 200ms));
}

TEST_CASE("a process that cannot be killed is named as residue, and goes with a later attempt") {
    auto tree = cgroup_tree::find_version_one("freezer");
    if (!tree)
        SKIP("nothing here keeps a process from being killed: " + tree.error().message);
    // A frozen process of version 1 takes SIGKILL when it is thawed, like one that waits for a dead disk.
    auto frozen = tree->make("gestvenv-frozen-" + std::to_string(::getpid()));
    REQUIRE(frozen);
    machine_fixture f{each_containment()};
    auto word = unique_number();
    auto running = f.begin(f.shell("exec sleep 600." + word));
    // The shell has the word too, and while it becomes the other program it has no words.
    const auto started = "sleep\0"s + "600." + word;
    REQUIRE(wait_for_processes(started, 1));
    const auto found = processes_with(started);
    REQUIRE(found.size() == 1);
    REQUIRE(frozen->write("cgroup.procs", std::to_string(found.front())));
    REQUIRE(frozen->write("freezer.state", "FROZEN"));
    auto first = std::async(std::launch::async, [&f] { return f.end(); });
    // Others begin and end beside it as if it were not there.
    int beside = 0;
    while (beside < 20 && first.wait_for(0s) == std::future_status::timeout) {
        auto other = f.make_another();
        auto ended = f.end(50ms, other);
        REQUIRE(ended);
        CHECK(ended->residue.empty());
        beside += first.wait_for(0s) == std::future_status::timeout ? 1 : 0;
    }
    CHECK(beside > 0);
    auto left = first.get();
    REQUIRE(left);
    REQUIRE_FALSE(left->residue.empty());
    CHECK(left->residue.front().kind == "process");
    CHECK(left->residue.front().why.find("end") != std::string::npos);
    auto again = f.end();
    REQUIRE(again);
    CHECK_FALSE(again->residue.empty());
    REQUIRE(frozen->write("freezer.state", "THAWED"));
    REQUIRE(wait_for_processes(word, 0));
    auto last = f.end();
    REQUIRE(last);
    CHECK(last->residue.empty());
    (void)running.get();
    CHECK(frozen->remove());
    tree->tidy();
}

TEST_CASE("a stranger that has got the number of a process that was found is neither killed nor limited") {
    if (::geteuid() != 0)
        SKIP("only root says which number a process gets");
    auto stranger_is_spared = [] {
        // Its only child is ours to end; the stranger will be a child of init.
        auto parent = ::fork();
        if (parent == 0) {
            if (::fork() == 0)
                for (;;)
                    ::pause();
            for (;;)
                ::pause();
        }
        auto found = living_descendants(parent);
        while (found.empty())
            found = living_descendants(parent);
        const auto number = found.front();
        pid_t stranger = -1;
        fault_hook reuse{"tree: has found its processes", [&] {
                             if (stranger > 0)
                                 return;
                             ::kill(parent, SIGKILL);
                             ::kill(number, SIGKILL); // orphaned: init's child, which reaps it
                             ::waitpid(parent, nullptr, 0);
                             ::waitpid(number, nullptr, 0);
                             std::ofstream{"/proc/sys/kernel/ns_last_pid"} << number - 1;
                             stranger = ::fork();
                             if (stranger == 0)
                                 for (;;)
                                     ::pause();
                         }};
        kill_descendants(parent, 500ms);
        if (stranger != number)
            return 13;
        rlimit processes{};
        if (::prlimit(stranger, RLIMIT_NPROC, nullptr, &processes) != 0 || processes.rlim_max == 0)
            return 14;
        int status = 0;
        return ::waitpid(stranger, &status, WNOHANG | WUNTRACED) == 0 ? 0 : 15;
    };
    CHECK(in_pid_namespace(stranger_is_spared) == 0);
}

TEST_CASE("a keeper that was stopped while all else died is ended by what the journal knows of it, and "
          "no other process is") {
    auto keeper = ::fork();
    if (keeper == 0) {
        ::prctl(PR_SET_NAME, "gestvenv-keeper");
        if (::fork() == 0)
            for (;;)
                ::pause();
        ::raise(SIGSTOP);
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(keeper, &status, WUNTRACED) == keeper);
    auto below = living_descendants(keeper);
    REQUIRE(below.size() == 1);
    auto start = start_time_of(keeper);
    REQUIRE(start);
    // The same name and number at another time is another process.
    auto spared = carry_out({{}, {}, {}, {{keeper, *start + 1}}});
    CHECK(spared.processes_killed == 0);
    CHECK(spared.residue.empty());
    CHECK(::kill(below.front(), 0) == 0);
    auto ended = carry_out({{}, {}, {}, {{keeper, *start}}});
    CHECK(ended.processes_killed == 1);
    CHECK(ended.residue.empty());
    CHECK(::waitpid(keeper, &status, 0) == keeper);
    CHECK(WTERMSIG(status) == SIGKILL);
    // And gone is gone.
    CHECK(carry_out({{}, {}, {}, {{keeper, *start}}}).residue.empty());
}
