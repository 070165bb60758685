#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Terminal sessions of a node on another machine, in front of a person: a terminal here, TCP and TLS between.
node_session_test.py GESTVENV [NAME...]
"""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import sys
import termios
import threading
import time

from living_node import PATIENCE, PROGRAM, Node, eventually, run_all
from node_tls_test import Authority, elsewhere, node_on_tls, token

LEAVE = "\x10\x11"  # Ctrl-P Ctrl-Q
LONG = 4 * PATIENCE  # what exceeds it hangs


class Terminal:
    """A program as the leader of a session on a terminal of 24 lines and 80 columns."""

    def __init__(self, words, variables):
        self.process, self.number = pty.fork()
        if self.process == 0:
            os.execvpe(words[0], words, {**os.environ, "TERM": "dumb", **variables})
        self.shown, self.seen, self.status = "", 0, None
        self.resize(80)

    def resize(self, columns):
        fcntl.ioctl(self.number, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def type(self, keys):
        os.write(self.number, keys.encode())

    def _read(self):
        if select.select([self.number], [], [], 0.02)[0]:
            with contextlib.suppress(OSError):  # EIO: no process has it open
                self.shown += os.read(self.number, 65536).decode(errors="replace")

    def wait_for(self, text):
        until = time.monotonic() + LONG
        while text not in self.shown[self.seen:]:
            assert time.monotonic() < until, f"{text!r} does not come; there is: {self.shown[-2000:]!r}"
            self._read()
        self.seen = self.shown.index(text, self.seen) + len(text)

    def say(self, line, word):
        """Types a line, and waits for a word that its echo does not have."""
        self.type(f"{line}; echo {word}$((40 + 2))\r")
        self.wait_for(f"{word}42")

    def is_raw(self):
        return not termios.tcgetattr(self.number)[3] & termios.ICANON

    def wait(self):
        """The exit status, or the number of the signal below 0."""
        until = time.monotonic() + LONG
        while self.status is None:
            ended, status = os.waitpid(self.process, os.WNOHANG)
            if ended:
                self.status = os.waitstatus_to_exitcode(status)
                break
            assert time.monotonic() < until, f"the program hangs; it has shown: {self.shown[-2000:]!r}"
            self._read()
        for _ in range(3):
            self._read()
        return self.status

    def end(self):
        with contextlib.suppress(OSError):
            os.close(self.number)
        if self.status is None:
            with contextlib.suppress(OSError):
                os.kill(self.process, signal.SIGKILL)
                os.waitpid(self.process, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


class Far:
    """A node with an environment called `far`, and what its client on another machine has of it."""

    def __init__(self, node, authority):
        self.node, self.authority = node, authority
        self.secret = token(node, "w", "write")
        self.variables = {"GESTVENV_NODE": node.address, "GESTVENV_TOKEN": self.secret,
                          "XDG_STATE_HOME": f"{node.folder}/other", "XDG_RUNTIME_DIR": f"{node.folder}/none",
                          "GESTVENV_NODE_AUTHORITIES": authority.file if authority else ""}
        made = self.ask("ephemeral", "create", "far", "--ttl", "600")
        assert made.returncode == 0, made.stderr

    def ask(self, *words):
        return elsewhere(self.node, self.authority and self.authority.file, self.secret, *words)

    def terminal(self, *words, **variables):
        return Terminal([PROGRAM, "ephemeral", *words], {**self.variables, **variables})

    def sessions(self):
        shown = self.ask("ephemeral", "show", "far", "--format", "json")
        assert shown.returncode == 0, shown.stderr
        return json.loads(shown.stdout)["terminal_sessions"]


@contextlib.contextmanager
def far(folder):
    authority = Authority(folder)
    with node_on_tls(folder, *authority.certificate("localhost")) as node:
        yield Far(node, authority)


class Way:
    """To a port of the loopback, which can be cut at once, as by a machine between that is switched off."""

    def __init__(self, port):
        self.to, self.sockets = port, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                distant = socket.create_connection(("127.0.0.1", self.to))
                self.sockets += [near, distant]
                for one, other in ((near, distant), (distant, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    @staticmethod
    def _pass_on(one, other):
        with contextlib.suppress(OSError):
            while piece := one.recv(65536):
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)

    def cut(self):
        self.listener.close()
        for one in self.sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RD)
            one.close()


def test_a_shell_elsewhere_has_this_terminal_its_size_and_tells_its_status(folder):
    with far(folder) as place, place.terminal("shell", "far", "--set-env", "A=b", NEVER_PASSED="secret") as shell:
        shell.say("test -t 0 && test -t 1 && test -t 2 && stty size", "tty")
        assert "24 80" in shell.shown
        shell.say("echo $A $TERM-$NEVER_PASSED.; pwd", "there")
        assert "b dumb-." in shell.shown and re.search(r"/work\r", shell.shown), shell.shown
        shell.type("python -c 'import sys; print(sys.prefix != sys.base_prefix)'\r")
        shell.wait_for("True")
        shell.resize(77)
        shell.say('until [ "$(stty size)" = "24 77" ]; do sleep 0.05; done', "wide")
        shell.type("sh -c 'echo sleeps$((40 + 2)); exec sleep 1000'\r")
        shell.wait_for("sleeps42")  # before, the key would be for the shell itself
        shell.type("\x03")
        shell.say("true", "interrupted")
        shell.type("exit 7\r")
        assert shell.wait() == 7, shell.shown
        assert not shell.is_raw()
        with place.terminal("shell", "far", "--", "no-such-program") as missing:
            assert missing.wait() == 127 and "no-such-program" in missing.shown, missing.shown


def test_a_session_elsewhere_is_left_and_come_back_to(folder):
    with far(folder) as place:
        with place.terminal("shell", "far") as first:
            first.say("kept=value", "before")
            assert [one["attached"] for one in place.sessions()] == [1]
            first.type(LEAVE)
            first.wait_for("goes on")
            assert first.wait() == 0 and not first.is_raw()
        eventually(lambda: [one["attached"] for one in place.sessions()] == [0], "the session goes on alone")
        identifier = place.sessions()[0]["id"]
        with place.terminal("attach", "far") as again:
            again.wait_for("before42")
            again.say("echo it is $kept", "after")
            assert "it is value" in again.shown
            os.close(again.number)  # its window
            again.number = os.open("/dev/null", os.O_RDONLY)
            assert again.wait() != 0
        eventually(lambda: [one["attached"] for one in place.sessions()] == [0], "the closed terminal is detached")
        with place.terminal("attach", "far", identifier[:8]) as named:
            named.wait_for("after42")
            named.type("exit 5\r")
            assert named.wait() == 5, named.shown
        assert place.sessions() == []
        with place.terminal("attach", "far") as none:
            assert none.wait() == 125 and "has no terminal session" in none.shown, none.shown


def test_many_keys_and_much_output_pass_whole(folder):
    with far(folder) as place:
        with place.terminal("shell", "far", "--", "sh", "-c",
                            "stty raw -echo; echo ready; head -c 300000 | wc -c; stty sane; seq 1 60000") as session:
            session.wait_for("ready")
            for _ in range(300):
                session.type("x" * 1000)
            session.wait_for("300000")
            session.wait_for("\n60000")
            assert session.wait() == 0
        lines = session.shown.split("300000", 1)[1].split()
        assert lines == [str(number) for number in range(1, 60001)], (len(lines), lines[:3], lines[-3:])


def test_a_connection_that_is_lost_is_said_and_the_session_goes_on(folder):
    with far(folder) as place:
        way = Way(place.node.port)
        line = f'"{PROGRAM}" ephemeral shell far; echo status $?; stty -a'
        variables = {**place.variables, "GESTVENV_NODE": f"https://localhost:{way.port}"}
        with Terminal(["sh", "-c", line], variables) as session:
            session.say("kept=value", "there")
            assert session.is_raw()
            way.cut()
            session.wait_for("error: the connection to the node was lost")
            session.wait_for("come back with: gestvenv ephemeral attach far")
            session.wait_for("status 125")
            session.wait_for(" icanon")
            assert session.wait() == 0
        eventually(lambda: [one["attached"] for one in place.sessions()] == [0], "the lost client is detached")
        with place.terminal("attach", "far") as again:
            again.say("echo it is $kept", "after")
            assert "it is value" in again.shown
            place.node.process.kill()
            again.wait_for("error: ")
            assert again.wait() == 125 and not again.is_raw(), again.shown
        place.node.process.wait()
        stopped = place.node.command("ephemeral", "cleanup", "--orphans")
        assert stopped.returncode == 0, stopped.stderr


def test_a_session_elsewhere_is_for_who_may_write_and_has_a_terminal(folder):
    with far(folder) as place:
        reader, other = token(place.node, "r", "read"), token(place.node, "o", "write")
        for secret, why in ((reader, "error: "), (other, "no environment is named 'far'"),
                            ("gvt_wrong", "token is not known")):
            with place.terminal("shell", "far", GESTVENV_TOKEN=secret) as refused:
                assert refused.wait() == 125 and why in refused.shown, refused.shown
        assert place.sessions() == []
        piped = place.ask("ephemeral", "shell", "far")
        assert piped.returncode == 125 and "are not a terminal" in piped.stderr, piped.stderr
        relative = place.ask("ephemeral", "shell", "far", "--cwd", "relative")
        assert relative.returncode == 2 and "another machine" in relative.stderr, relative.stderr


def test_a_session_over_the_loopback_without_tls_is_the_same(folder):
    with Node(folder, "--listen", "127.0.0.1:0") as node:
        node.address = json.loads((node.folder / "state/gestvenv/node.json").read_text())["listens"][0]
        place = Far(node, None)
        with place.terminal("shell", "far", "--", "sh", "-c", "tty; read line; echo got $line; exit 3") as session:
            session.wait_for("/dev/pts/")
            session.type("text\r")
            session.wait_for("got text")
            assert session.wait() == 3, session.shown


if __name__ == "__main__":
    sys.exit(run_all(globals()))
