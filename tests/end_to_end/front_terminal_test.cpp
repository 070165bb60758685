// SPDX-License-Identifier: MIT
// The command has the caller's terminal as if it had been started by hand there.
#include "tests/end_to_end/pty_session.hpp"
#include "tests/support/places.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <string>
#include <vector>

using namespace gestvenv::test;

namespace {

// Without a line editor, so that the terminal is as the shell has it.
const std::vector<std::string> shell_with_jobs{"bash", "--norc", "--noprofile", "--noediting", "-i"};

std::vector<std::string> run(std::vector<std::string> words) {
    std::vector<std::string> all{built_program, "run"};
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

bool same_modes(const termios& one, const termios& other) {
    return one.c_lflag == other.c_lflag && one.c_iflag == other.c_iflag && one.c_oflag == other.c_oflag;
}

// A shell with job control at its first prompt.
struct job_shell {
    // One that no echo shows.
    static constexpr auto prompt = "42> ";

    scene place;
    pty_session session = begun(place);
    termios before{};

    job_shell() {
        session.wait_for(prompt);
        before = session.modes();
    }
    void wait_for_restored_prompt() {
        session.wait_for(prompt);
        CHECK(same_modes(session.modes(), before));
    }
    // Of a program that reads a line and says `got LINE`.
    void continue_in_foreground() {
        session.type("fg\n");
        session.wait_for_raw();
        session.type("text\n");
        session.wait_for("got text");
        wait_for_restored_prompt();
    }
    void leave() {
        session.type("exit\n");
        CHECK(session.wait().status == 0);
    }

private:
    static pty_session begun(scene& place) {
        place.where().variables["PS1"] = "$((40+2))> ";
        place.where().variables["TERM"] = "dumb";
        return {shell_with_jobs, place.where()};
    }
};

// Counts in a handler: an interrupt between two calls that expect one would end the program.
constexpr auto counts_interrupts = "import os, signal, sys, time\n"
                                   "seen = []\n"
                                   "def count(*_):\n"
                                   "    seen.append(1)\n"
                                   "    os.write(1, b'interrupt %d\\n' % (len(seen) - 1))\n"
                                   "signal.signal(signal.SIGINT, count)\n"
                                   "print('ready', flush=True)\n"
                                   "while len(seen) < int(sys.argv[1]):\n"
                                   "    time.sleep(0.01)\n"
                                   "print('end')\n";

} // namespace

TEST_CASE("Ctrl-C on a terminal is the program's to handle, however often") {
    scene place;
    pty_session session{run({"python", "-c", counts_interrupts, "5"}), place.where()};
    session.wait_for("ready");
    for (int i = 0; i < 5; ++i) {
        session.type("\x03");
        session.wait_for("interrupt " + std::to_string(i));
    }
    session.wait_for("end");
    CHECK(session.wait().status == 0);
}

TEST_CASE("a program that Ctrl-C ends takes the script around it along, as by hand") {
    scene place;
    pty_session session{
        {"bash", "-c",
         "for i in 1 2 3; do \"$GESTVENV\" run sh -c 'echo ready; exec sleep 600'; echo after; done"},
        place.where()};
    session.wait_for("ready");
    session.type("\x03");
    auto result = session.wait();
    CHECK(result.signal == SIGINT);
    CHECK(result.out.find("after") == std::string::npos);
}

TEST_CASE("the caller's whole group hears Ctrl-C when it is typed, though the program ends in order") {
    scene place;
    place.write("orderly.py", "import time\n"
                              "try:\n"
                              "    print('ready', flush=True)\n"
                              "    time.sleep(600)\n"
                              "except KeyboardInterrupt:\n"
                              "    print('in order')\n");
    SECTION("a program that waits for it") {
        pty_session session{{"python3", "-c",
                             "import os, subprocess\n"
                             "it = subprocess.Popen([os.environ['GESTVENV'], 'run', 'orderly.py'])\n"
                             "try:\n"
                             "    it.wait()\n"
                             "except KeyboardInterrupt:\n"
                             "    print('status', it.wait())\n"},
                            place.where()};
        session.wait_for("ready");
        session.type("\x03");
        session.wait_for("in order");
        session.wait_for("status 0");
        CHECK(session.wait().status == 0);
    }
    SECTION("a loop of a shell that asks no child how it ended") {
        pty_session session{{"dash", "-c", "for i in 1 2; do \"$GESTVENV\" run orderly.py; done"},
                            place.where()};
        session.wait_for("ready");
        session.type("\x03");
        CHECK(session.wait().signal == SIGINT);
    }
}

TEST_CASE("two on one terminal at once take turns, and leave it as it was") {
    scene place;
    pty_session session{{"python3", "-c",
                         "import os, subprocess, time\n"
                         "def start(text):\n"
                         "    return subprocess.Popen([os.environ['GESTVENV'], 'run', 'sh', '-c',\n"
                         "        f'echo {text}; touch {text}; read line; echo \"{text}: $line\"'])\n"
                         "first = start('first')\n"
                         "while not os.path.exists('first'): time.sleep(0.01)\n"
                         "second = start('second')\n"
                         "print('first', first.wait(), flush=True)\n"
                         "print('second', second.wait())\n"},
                        place.where()};
    const auto before = session.modes();
    session.wait_for("first\r\n");
    session.wait_for("second\r\n");
    session.type("one\r");
    session.wait_for("first: one\r\n");
    session.wait_for("first 0"); // it would take what is typed before its end
    session.type("two\r");
    session.wait_for("second: two\r\n");
    session.wait_for("second 0");
    CHECK(session.wait().status == 0);
    CHECK(same_modes(session.modes(), before));
}

TEST_CASE("a program on a terminal can open it by its name, and knows its size and its changes") {
    scene place;
    pty_session session{run({"python", "-c",
                             "import os, signal\n"
                             "changes = {signal.SIGWINCH}\n"
                             "signal.pthread_sigmask(signal.SIG_BLOCK, changes)\n"
                             "with open('/dev/tty', 'w') as terminal: terminal.write('by name\\n')\n"
                             "while True:\n"
                             "    columns = os.get_terminal_size().columns\n"
                             "    print('columns', columns, flush=True)\n"
                             "    if columns == 99: break\n"
                             "    signal.sigwait(changes)\n"}),
                        place.where()};
    session.wait_for("by name");
    session.wait_for("columns 40");
    session.resize(99);
    session.wait_for("columns 99");
    CHECK(session.wait().status == 0);
}

TEST_CASE("what is typed reaches the program once, and is shown once") {
    scene place;
    pty_session session{run({"sh", "-c", "read line; echo \"<$line>\""}), place.where()};
    session.wait_for_raw();
    session.type("text\r");
    auto result = session.wait();
    CHECK(result.status == 0);
    CHECK(result.out == "text\r\n<text>\r\n");
}

TEST_CASE_METHOD(job_shell, "Ctrl-Z stops the program and gives the terminal back, and fg goes on") {
    session.type("\"$GESTVENV\" run python -c 'print(\"re\"+\"ady\"); print(\"got\", input())'\n");
    session.wait_for("ready");
    session.wait_for_raw();
    session.type("\x1a");
    session.wait_for("Stopped");
    wait_for_restored_prompt();
    continue_in_foreground();
    leave();
}

TEST_CASE_METHOD(
    job_shell,
    "a program in the background touches nothing, and is stopped when it reads from the terminal") {
    session.type(
        "\"$GESTVENV\" run python -c 'print(\"re\"+\"ady\", flush=True); print(\"got\", input())' &\n");
    session.wait_for("ready");
    CHECK(same_modes(session.modes(), before));
    session.type("until jobs | grep 'Stop[p]ed'; do :; done\n");
    session.wait_for("Stopped");
    session.wait_for(prompt);
    continue_in_foreground();
    leave();
}

// Its shell may have the terminal for a line editor of its own when it starts a job in the background.
TEST_CASE_METHOD(job_shell,
                 "a program in the background gets the modes with which it comes to the foreground") {
    session.type("stty -icanon\n");
    session.wait_for(prompt);
    session.type("\"$GESTVENV\" run python -c 'print(\"re\"+\"ady\", flush=True); import sys; "
                 "print(\"g\"+\"ot\", sys.stdin.read())' &\n");
    session.wait_for("ready");
    session.type("until jobs | grep 'Stop[p]ed'; do :; done; stty icanon\n");
    session.wait_for("Stopped");
    session.wait_for(prompt);
    session.type("fg\n");
    session.wait_for_raw();
    session.type("text\n\x04");
    session.wait_for("got text");
    wait_for_restored_prompt();
    leave();
}

TEST_CASE_METHOD(job_shell,
                 "the terminal is as before, whatever the program has done to it and however it ends") {
    session.type("\"$GESTVENV\" run sh -c 'stty raw -echo; kill -KILL $$'; echo status $?\n");
    session.wait_for("status 137");
    wait_for_restored_prompt();
    leave();
}

TEST_CASE("the terminal is given back when this program crashes") {
    scene place;
    pty_session session{run({"sh", "-c", "echo ready; exec sleep 600"}), place.where()};
    const auto before = session.modes();
    session.wait_for("ready");
    session.wait_for_raw();
    ::kill(session.pid(), SIGSEGV);
    CHECK(session.wait().signal == SIGSEGV);
    CHECK(same_modes(session.modes(), before));
}

TEST_CASE("the terminal is given back when this program is killed") {
    scene place;
    pty_session session{{"sh", "-c",
                         "\"$GESTVENV\" run sh -c 'echo ready; exec sleep 600'; echo status $?; read line; "
                         "echo \"<$line>\""},
                        place.where()};
    const auto before = session.modes();
    session.wait_for("ready");
    session.wait_for_raw();
    // Of the shell, not of what runs in the environment.
    const auto killed = place.run({"pkill", "-KILL", "-P", std::to_string(session.pid()), "gestvenv"});
    REQUIRE(killed.status == 0);
    session.wait_for("status 137");
    session.wait_for_lines();
    CHECK(same_modes(session.modes(), before));
    session.type("text\r");
    session.wait_for("<text>\r\n");
    CHECK(session.wait().status == 0);
}

TEST_CASE("in a pipeline the terminal is left as it is, and Ctrl-C is for all") {
    scene place;
    pty_session session{{"bash", "-c", "\"$GESTVENV\" run sh -c 'echo >&2; exec sleep 600' | sleep 600"},
                        place.where()};
    const auto before = session.modes();
    session.wait_for("\n");
    CHECK(same_modes(session.modes(), before));
    session.type("\x03");
    CHECK(session.wait().signal == SIGINT);
}

TEST_CASE("a program in a pipeline that asks its terminal gets an answer") {
    scene place;
    pty_session session{
        {"bash", "-c", "\"$GESTVENV\" run sh -c 'echo question >&2; read line; echo \"<$line>\"' | cat"},
        place.where()};
    session.wait_for("question\r\n");
    session.type("text\n");
    session.wait_for("<text>\r\n");
    CHECK(session.wait().status == 0);
}

TEST_CASE("a program whose streams all lead elsewhere can still ask on the terminal") {
    scene place;
    pty_session session{
        {"bash", "-c",
         "\"$GESTVENV\" run sh -c 'echo question >/dev/tty; read line </dev/tty; echo \"<$line>\"' "
         "</dev/null >out 2>&1; cat out"},
        place.where()};
    session.wait_for("question\r\n");
    session.type("text\n");
    session.wait_for("<text>\r\n");
    CHECK(session.wait().status == 0);
}

TEST_CASE("lines in a pipeline end as by hand") {
    scene place;
    pty_session session{{"bash", "-c", "echo input | \"$GESTVENV\" run cat"}, place.where()};
    CHECK(session.wait().out == "input\r\n");
}

TEST_CASE("a terminal that goes away takes its program along, and all that it has started") {
    scene place;
    const auto number = unique_number();
    pty_session session{run({"sh", "-c", "trap '' HUP TERM; echo ready; sleep 1000." + number}),
                        place.where()};
    session.wait_for("ready");
    session.hang_up();
    CHECK(session.wait().signal == SIGHUP);
    CHECK(wait_for_processes(number, 0));
}

TEST_CASE("a program that ends by a lost terminal makes this program end by SIGHUP") {
    scene place;
    pty_session session{run({"sh", "-c", "echo ready; exec sleep 600"}), place.where()};
    session.wait_for("ready");
    session.hang_up();
    CHECK(session.wait().signal == SIGHUP);
}

TEST_CASE("a program hears that its terminal goes away") {
    scene place;
    pty_session session{
        run({"sh", "-c", "trap 'echo heard >heard; exit' HUP; echo ready; while :; do sleep 0.02; done"}),
        place.where()};
    session.wait_for("ready");
    session.hang_up();
    session.wait();
    CHECK(content_of(place.folder() / "heard") == "heard\n");
}

TEST_CASE_METHOD(job_shell, "a job in the background that its shell has let go of outlives the terminal") {
    const auto number = unique_number();
    session.type("\"$GESTVENV\" run sh -c 'echo re\"\"ady; until [ -e closed ]; do sleep 0.02; done; "
                 "echo done >after' sh " +
                 number + " & disown\n");
    session.wait_for("ready");
    session.hang_up();
    session.wait();
    place.write("closed", "");
    CHECK(wait_for_processes(number, 0));
    CHECK(content_of(place.folder() / "after") == "done\n");
}
