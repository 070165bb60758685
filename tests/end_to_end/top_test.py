#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`gestvenv ephemeral top` on a real terminal, that of tmux: what its screen shows, and what its keys do.

usage: top_test.py PROGRAM

Ends with 77 where tmux is not installed.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE = 60


class Scene:
    def __init__(self, program, folder):
        self.folder = pathlib.Path(folder)
        self.program = program
        (self.folder / "run").mkdir(mode=0o700)
        self.environment = {
            **os.environ,
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "LC_ALL": "C.UTF-8",
            "PROGRAM": program,
        }
        for name in ("GESTVENV_NODE", "TMUX", "NO_COLOR"):
            self.environment.pop(name, None)

    def gestvenv(self, *words):
        done = subprocess.run([self.program, *words], env=self.environment, cwd=self.folder, text=True,
                              capture_output=True, timeout=PATIENCE, check=False)
        if done.returncode != 0:
            raise AssertionError(f"gestvenv {' '.join(words)}: {done.stderr}")
        return done.stdout

    def node(self):
        return json.loads((self.folder / "state/gestvenv/node.json").read_text())["pid"]


class Screen:
    """A terminal with a shell, in a tmux server of its own."""

    def __init__(self, scene, columns=100, lines=30):
        self.scene = scene
        self.socket = str(scene.folder / "tmux")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(lines),
                  "-c", str(scene.folder), "sh")
        self.type("PS1='ready> '\n")

    def tmux(self, *words):
        return subprocess.run(["tmux", "-u", "-S", self.socket, *words], env=self.scene.environment, text=True,
                              capture_output=True, timeout=PATIENCE, check=True).stdout

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def text(self, *options):
        return self.tmux("capture-pane", "-p", *options)

    def wait(self, what, done):
        end = time.monotonic() + PATIENCE
        while not done(self.text()):
            if time.monotonic() > end:
                raise AssertionError(f"{what}: the screen shows\n{self.text()}")
            time.sleep(0.05)

    def wait_for(self, *parts):
        self.wait(f"waiting for {parts}", lambda text: all(part in text for part in parts))

    def wait_for_end(self, marker):
        self.type(f"echo end=$? {marker}\n")
        self.wait_for(f"end=0 {marker}")

    def end(self):
        self.tmux("kill-server")


def rows(text):
    """The names of the environments in their order."""
    words = [line.split() for line in text.splitlines()]
    # A message begins with a name too.
    return [line[0] for line in words if len(line) > 3 and line[0].startswith("env-") and line[1] != "has"]


def check(holds, what, screen):
    if not holds:
        raise AssertionError(f"{what}: the screen shows\n{screen.text()}")


def check_keys(scene, screen):
    screen.type("\"$PROGRAM\" ephemeral top --interval 0.2 --sort name\n")
    screen.wait_for("3 environments", "NAMEv", "CPU %", "q quit")
    screen.wait("names in order", lambda text: rows(text) == ["env-a", "env-b", "env-c"])
    screen.type("n")
    screen.wait("names turned round", lambda text: rows(text) == ["env-c", "env-b", "env-a"])
    screen.type("t")
    screen.wait_for("TIMEv")
    screen.wait("the youngest first", lambda text: rows(text) == ["env-c", "env-b", "env-a"])
    screen.type(">")
    screen.wait_for("PROCv")
    screen.type("<<")
    screen.wait_for("NAMEv")
    screen.type("/env-b")
    screen.wait("the filter", lambda text: rows(text) == ["env-b"])
    screen.wait_for("filter: env-b", "1 shown")
    screen.press("Enter")
    screen.press("Enter")
    screen.wait_for("status", "files", "q back")
    screen.type("q")
    screen.wait_for("q quit")
    screen.press("Escape")
    screen.wait("all again", lambda text: rows(text) == ["env-a", "env-b", "env-c"])


def check_end_of_one(scene, screen):
    screen.press("Home")
    screen.press("Down")
    screen.type("k")
    screen.wait_for("end env-b, with all that runs in it? y/n")
    screen.type("n")
    screen.wait("no question", lambda text: "y/n" not in text)
    check(len(json.loads(scene.gestvenv("ephemeral", "list", "--format", "json"))) == 3, "nothing was ended", screen)
    screen.type("ky")
    screen.wait("the one is gone", lambda text: rows(text) == ["env-a", "env-c"])
    screen.wait_for("env-b has been ended; nothing of it is left")


def check_sizes(screen):
    for columns, lines in ((30, 5), (1, 1), (200, 50), (60, 12), (100, 30)):
        screen.tmux("resize-window", "-x", str(columns), "-y", str(lines))
        if columns > 20:
            screen.wait(f"{columns} columns", lambda text: "env-c" in rows(text))
    screen.wait_for("q quit")


def check_lost_node(scene, screen):
    os.kill(scene.node(), signal.SIGKILL)
    screen.wait_for("no node runs; waiting for one")
    scene.gestvenv("ephemeral", "create", "env-new")
    screen.wait("the next node", lambda text: rows(text) == ["env-new"] and "waiting for one" not in text)


def check_ends(screen, program_of):
    screen.type("q")
    screen.wait("the shell again", lambda text: "q quit" not in text)
    screen.wait_for_end("quit")
    modes = "\"$(stty -g)\""
    screen.type(f"before={modes}\n")
    for name in ("TERM", "HUP", "INT"):
        screen.type("clear; \"$PROGRAM\" ephemeral top\n")
        screen.wait_for("q quit")
        os.kill(program_of(), getattr(signal, "SIG" + name))
        screen.wait("the shell again", lambda text: "q quit" not in text)
        screen.type(f"test {modes} = \"$before\"\n")
        screen.wait_for_end(name)


def check_plain(scene, screen):
    screen.type("clear; LC_ALL=C NO_COLOR=1 \"$PROGRAM\" ephemeral top\n")
    screen.wait_for("q quit", "CPU [")
    check(screen.text().isascii(), "graphs are ASCII without UTF-8", screen)
    # What is typed behind the end is the shell's.
    screen.type("qclear; TERM=nonesuch \"$PROGRAM\" ephemeral top\n")
    screen.wait_for("nothing is known of the terminal `nonesuch`", "--once")
    table = scene.gestvenv("ephemeral", "top")
    if not table.startswith("NAME") or "env-new" not in table or "\x1b" in table:
        raise AssertionError(f"printed once it is {table!r}")
    listed = json.loads(scene.gestvenv("ephemeral", "top", "--once", "--format", "json"))
    if [one["name"] for one in listed] != ["env-new"] or "memory_bytes" not in listed[0]:
        raise AssertionError(f"as JSON it is {listed}")


def main():
    program = os.path.abspath(sys.argv[1])
    if shutil.which("tmux") is None:
        print("tmux is not installed")
        return 77
    with tempfile.TemporaryDirectory(prefix="gestvenv-top-") as folder:
        scene = Scene(program, folder)
        if scene.gestvenv("ephemeral", "top", "--once") != "no environments\n":
            raise AssertionError("without a node there are no environments")
        scene.gestvenv("node", "start", "--idle-end", "600")
        screen = None
        try:
            for name in ("env-a", "env-b", "env-c"):
                scene.gestvenv("ephemeral", "create", name)
            screen = Screen(scene)

            def program_of():
                shell = screen.tmux("display-message", "-p", "#{pane_pid}").strip()
                children = pathlib.Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
                return int(children[0])
            check_keys(scene, screen)
            check_end_of_one(scene, screen)
            check_sizes(screen)
            check_lost_node(scene, screen)
            check_ends(screen, program_of)
            check_plain(scene, screen)
        finally:
            if screen is not None:
                screen.end()
            scene.gestvenv("node", "stop")
    return 0


if __name__ == "__main__":
    sys.exit(main())
