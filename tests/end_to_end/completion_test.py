#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Completion in a real shell: its command line after a tabulator key.

usage: completion_test.py PROGRAM bash|bash-alone|zsh|fish

`bash-alone` is bash without the package bash-completion. Ends with 77 where the shell is not installed.
"""
import contextlib
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE = 60
BASH_COMPLETION = pathlib.Path("/usr/share/bash-completion/bash_completion")


class Scene:
    """A node with environments, a folder with files, and a program that no other is named like."""

    def __init__(self, program, folder):
        self.folder = pathlib.Path(folder)
        self.work = self.folder / "work"
        programs = self.folder / "programs"
        for made in (self.work / "sub folder", programs, self.folder / "run", self.folder / "state"):
            made.mkdir(parents=True)
        (self.folder / "run").chmod(0o700)
        (self.work / "list of things.txt").write_text("")
        (programs / "gestvenv").symlink_to(program)
        own = programs / "zqx-program"
        own.write_text("#!/bin/sh\n")
        own.chmod(0o755)
        self.environment = {
            **os.environ,
            "HOME": str(self.folder),
            "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
        }
        for name in ("GESTVENV_NODE", "HISTFILE"):
            self.environment.pop(name, None)
        self.program = program

    def gestvenv(self, *words):
        done = subprocess.run([self.program, *words], env=self.environment, cwd=self.work, text=True,
                              capture_output=True, timeout=PATIENCE, check=False)
        if done.returncode != 0:
            raise AssertionError(f"gestvenv {' '.join(words)}: {done.stderr}")
        return done.stdout


class Terminal:
    """An interactive shell on a terminal, which writes its command line into a file on request."""

    def __init__(self, scene, words, preparation, left):
        self.out = scene.folder / "line"
        self.left = left
        scene.environment["OUT"] = str(self.out)
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.chdir(scene.work)
            os.execvpe(words[0], words, scene.environment)
        self.shown = ""
        for line in preparation:
            self.type(line + "\r")
        self.type("echo rea''dy\r")
        self.wait(lambda: "ready" in self.shown)

    def type(self, keys):
        os.write(self.descriptor, keys.encode())

    def wait(self, done):
        end = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > end:
                raise AssertionError(f"nothing came of it; the terminal shows: {self.shown[-2000:]!r}")
            if select.select([self.descriptor], [], [], 0.05)[0]:
                with contextlib.suppress(OSError):
                    self.shown += os.read(self.descriptor, 65536).decode(errors="replace")

    def line_after_tab(self, before, behind=""):
        self.out.unlink(missing_ok=True)
        self.type(before + behind + self.left * len(behind) + "\t" + "\x18\x0c")
        self.wait(self.out.exists)
        line = self.out.read_text()
        self.type("\x05\x15")  # to the end, and away with it
        return line

    def end(self):
        os.close(self.descriptor)
        os.waitpid(self.process, 0)


def bash(scene, with_package):
    preparation = ["bind 'set bell-style none'"]
    if with_package:
        preparation.append(f". {BASH_COMPLETION}")
    preparation += [
        ". <(gestvenv completion bash)",
        "dump() { printf %s \"$READLINE_LINE\" >\"$OUT.new\"; mv \"$OUT.new\" \"$OUT\"; }",
        "bind -x '\"\\C-x\\C-l\": dump'",
    ]
    return Terminal(scene, ["bash", "--norc", "--noprofile", "-i"], preparation, "\x02")


def zsh(scene):
    preparation = [
        "unsetopt beep",
        "autoload -Uz compinit && compinit -u -D",
        ". <(gestvenv completion zsh)",
        "dump() { print -rn -- \"$BUFFER\" >\"$OUT.new\"; mv \"$OUT.new\" \"$OUT\" }",
        "zle -N dump && bindkey '^X^L' dump && bindkey '^E' end-of-line && bindkey '^U' kill-whole-line "
        "&& bindkey '^B' backward-char",
    ]
    return Terminal(scene, ["zsh", "-f", "-i"], preparation, "\x02")


class Fish:
    """fish tells what it would offer without a terminal."""

    def __init__(self, scene):
        self.scene = scene

    def offered(self, before):
        script = "gestvenv completion fish | source; complete --do-complete $LINE"
        done = subprocess.run(["fish", "--no-config", "--command", script], text=True, capture_output=True,
                              env={**self.scene.environment, "LINE": before}, cwd=self.scene.work,
                              timeout=PATIENCE, check=False)
        if done.stderr:
            raise AssertionError(done.stderr)
        return done.stdout.splitlines()

    def line_after_tab(self, before, behind=""):
        words = [line.split("\t")[0] for line in self.offered(before)]
        if len(words) != 1:
            return before + behind
        escaped = words[0].replace(" ", "\\ ")
        rest = "" if escaped.endswith("/") else " "
        return before[: before.rindex(" ") + 1] + escaped + rest + behind.removeprefix(" ")

    def end(self):
        pass


def check(shell, before, expected, behind=""):
    line = shell.line_after_tab(before, behind)
    # Whether a space follows, and how one is quoted within a word, is the shell's affair.
    def plain(text):
        return " ".join(text.replace("\\ ", "_").split())
    if plain(line) != plain(expected + behind):
        raise AssertionError(f"{before!r} became {line!r}, and not {expected + behind!r}")


def check_all(shell, scene, identifier, completes_commands):
    check(shell, "gestvenv ephem", "gestvenv ephemeral")
    check(shell, "gestvenv -v ephemeral cl", "gestvenv -v ephemeral cleanup")
    check(shell, "gestvenv run --backe", "gestvenv run --backend")
    check(shell, "gestvenv run --storage me", "gestvenv run --storage memory")
    check(shell, "gestvenv run --storage=me", "gestvenv run --storage=memory")
    check(shell, "gestvenv config get default_tt", "gestvenv config get default_ttl")
    check(shell, "gestvenv run --env ci-t", "gestvenv run --env ci-test")
    check(shell, "gestvenv ephemeral show oth", "gestvenv ephemeral show other.one_2-x")
    check(shell, f"gestvenv ephemeral cleanup {identifier[:6]}", f"gestvenv ephemeral cleanup {identifier}")
    check(shell, "gestvenv run --env ci-t", "gestvenv run --env ci-test", behind=" -- true")
    check(shell, "gestvenv run --requirements li", "gestvenv run --requirements list\\ of\\ things.txt")
    check(shell, "gestvenv run --requirements=li", "gestvenv run --requirements=list\\ of\\ things.txt")
    check(shell, "gestvenv run --project su", "gestvenv run --project sub\\ folder/")
    check(shell, "gestvenv ephemeral cp ci-t", "gestvenv ephemeral cp ci-test:")
    check(shell, "gestvenv ephemeral cp li", "gestvenv ephemeral cp list\\ of\\ things.txt")
    check(shell, "gestvenv ephemeral cp su", "gestvenv ephemeral cp sub\\ folder/")
    check(shell, "gestvenv ephemeral cp ci-test:a oth", "gestvenv ephemeral cp ci-test:a other.one_2-x:")
    check(shell, f"gestvenv ephemeral cp . {identifier[:6]}", f"gestvenv ephemeral cp . {identifier}:")
    check(shell, "gestvenv ephemeral cp li", "gestvenv ephemeral cp list\\ of\\ things.txt", behind=" ci-test:")
    check(shell, "gestvenv nonesuch ephem", "gestvenv nonesuch ephem")
    for words in ("run", "run --", "run --packages a,b --", "ephemeral exec ci-test", "ephemeral exec ci-test --"):
        check(shell, f"gestvenv {words} zqx", f"gestvenv {words} zqx-program")
    check(shell, "gestvenv run -- cat li", "gestvenv run -- cat list\\ of\\ things.txt")
    if completes_commands:
        check(shell, "gestvenv run -- gestvenv ephem", "gestvenv run -- gestvenv ephemeral")
    (scene.work / "list of things.txt").unlink()


def main():
    program, kind = os.path.abspath(sys.argv[1]), sys.argv[2]
    if shutil.which(kind.removesuffix("-alone")) is None or (kind == "bash" and not BASH_COMPLETION.exists()):
        print(f"{kind} is not installed, or bash-completion is not")
        return 77
    with tempfile.TemporaryDirectory(prefix="gestvenv-completion-") as folder:
        scene = Scene(program, folder)
        answer = scene.gestvenv("__complete", "--", "run", "--env", "")
        if answer != "words 0\n" or (scene.folder / "state/gestvenv/node.json").exists():
            raise AssertionError(f"completion found {answer!r} where no node runs, or started one")
        scene.gestvenv("node", "start")
        try:
            for name in ("ci-test", "ci-prod", "other.one_2-x"):
                scene.gestvenv("ephemeral", "create", name)
            shown = scene.gestvenv("ephemeral", "show", "ci-prod")
            identifier = next(line.split()[1] for line in shown.splitlines() if line.split()[0] == "id")
            if kind == "fish":
                shell = Fish(scene)
            else:
                shell = zsh(scene) if kind == "zsh" else bash(scene, kind == "bash")
            try:
                check_all(shell, scene, identifier, kind != "bash-alone")
                if kind == "zsh":
                    shell.type("gestvenv ephemeral l\t")
                    shell.wait(lambda: "Lists the environments of all your programs." in shell.shown)
                if kind == "fish":
                    offered = shell.offered("gestvenv ephemeral li")
                    if offered != ["list\tLists the environments of all your programs."]:
                        raise AssertionError(f"fish offers {offered}")
            finally:
                shell.end()
            # A node that does not answer keeps no shell waiting.
            node = json.loads((scene.folder / "state/gestvenv/node.json").read_text())["pid"]
            os.kill(node, signal.SIGSTOP)
            try:
                if scene.gestvenv("__complete", "--", "run", "--env", "") != "":
                    raise AssertionError("there is an answer without a node that answers")
            finally:
                os.kill(node, signal.SIGCONT)
        finally:
            scene.gestvenv("node", "stop")
    return 0


if __name__ == "__main__":
    sys.exit(main())
