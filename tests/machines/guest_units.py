# SPDX-License-Identifier: MIT
"""Services of systemd in the guest that run the program."""

import os
import pathlib
import subprocess
import time

import places
from guest_support import GROUPS, HOG, LIMIT, PROGRAM, WANTED, groups_left, machines, say, tell


def systemctl(*words: str) -> str:
    return subprocess.run(["systemctl", *words], capture_output=True, text=True, timeout=LIMIT, check=False).stdout


class Service:
    """One service with limits of its own, and what is tried in it."""

    def __init__(self, name: str, kind: str) -> None:
        self.name = name
        self.unit = f"gestvenv-{kind}"
        self.settings = {"delegated": "Delegate=yes", "plain": "", "user": "Delegate=yes\nUser=nobody"}[kind]
        self.delegated = kind != "plain"
        self.user = 65534 if kind == "user" else 0
        self.group = GROUPS / "system.slice" / f"{self.unit}.service"
        self.word = machines().Battery(places.Plain(pathlib.Path("/run")), PROGRAM, "", False).word
        self.wrong: list[str] = []
        self.folder = pathlib.Path(f"/run/{self.unit}")
        self.folder.mkdir()
        os.chown(self.folder, self.user, self.user)

    def write(self, command: str, more: str = "") -> None:
        script = self.folder / "script"
        script.write_text(command)
        pathlib.Path(f"/run/systemd/system/{self.unit}.service").write_text(
            f"[Unit]\nDefaultDependencies=no\n[Service]\nType=exec\nExecStart=/bin/sh {script}\nMemoryMax=600M\nMemorySwapMax=0\nTasksMax=150\n"
            f"CPUQuota=150%\nEnvironment=HOME={self.folder} PATH={os.environ['PATH']}\nTimeoutStopSec=30\n"
            f"StandardOutput=append:{self.folder}/output\nStandardError=append:{self.folder}/errors\n"
            f"{self.settings}\n{more}\n")
        for name in ("output", "errors"):
            (self.folder / name).write_text("")
        systemctl("daemon-reload")

    def run(self, command: str, more: str = "") -> tuple[str, str]:
        """To its end: what it has written, and the unit's result."""
        self.write(command, more)
        systemctl("start", self.unit)
        say(f"{self.name}: {command}")
        self.wait(lambda: systemctl("show", "-P", "ActiveState", self.unit).strip() in ("inactive", "failed"))
        result = systemctl("show", "-P", "Result", self.unit).strip()
        say(f"{result}: {(self.folder / 'output').read_text()}{(self.folder / 'errors').read_text()}")
        self.ended()
        return (self.folder / "output").read_text() + (self.folder / "errors").read_text(), result

    def wait(self, condition) -> bool:
        deadline = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.5)
        return True

    def left(self) -> list[str]:
        return [pid for pid in filter(str.isdigit, os.listdir("/proc"))
                if self.word in machines().command_line(pid)]

    def ended(self) -> None:
        systemctl("stop", self.unit)
        systemctl("reset-failed", self.unit)
        if self.group.exists() or groups_left() or self.left():
            self.wrong.append(f"{self.name}: left: {groups_left()}, {self.left()}, group: {self.group.exists()}")

    def cell(self, good: bool, what: str, text: object) -> str:
        if good:
            return "yes"
        self.wrong.append(f"{self.name}: {what}: {str(text)[-500:]}")
        return "no"

    def inside(self) -> str:
        """Where a command's processes are, and whether any group is elsewhere."""
        outside = f"find {GROUPS} -name 'gestvenv*' -path '*/gestvenv/*' ! -path '{self.group}/*'"
        text, _ = self.run(f"{PROGRAM} run -- sh -c 'cat /proc/self/cgroup; {outside.replace(chr(39), chr(34))}'\n"
                           f"echo status $?")
        lines = text.splitlines()
        return self.cell(lines[-1:] == ["status 0"] and len(lines) == 2 and "/gestvenv/" in lines[0] and
                         lines[0].startswith(f"0::/system.slice/{self.unit}.service/"), "groups are inside", text)

    def limited(self, option: str, code: str, sign: str) -> str:
        text, result = self.run(f"{PROGRAM} run {option} -- python3 -c \"{code}\"\necho status $?")
        if self.delegated:
            return self.cell(sign in text and "survived" not in text and result == "success", option, (text, result))
        refused = "status 125" in text and "cannot be enforced" in text and "Delegate=" in text
        return "refused" if refused else self.cell(False, f"{option} is refused with a hint", (text, result))

    def units_own(self) -> str:
        """A command takes all that the unit may."""
        text, result = self.run(f"{PROGRAM} run -- python3 -c \"{HOG.format(900)}\"\necho status $?")
        # Without Delegate= systemd ends the whole service then (OOMPolicy=stop), and says so itself.
        if not self.delegated and result == "oom-kill":
            return "systemd ends the service"
        said = "memory" in text and "status 137" in text
        return "said" if said else self.cell(False, "the unit's own limit is said", (text, result))

    def begin(self, more: str = "") -> bool:
        self.write(f"exec {PROGRAM} run -- sh -c '(setsid sleep 1000.{self.word} &); echo begun; sleep 1000.{self.word}'",
                   more)
        systemctl("start", self.unit)
        return self.wait(lambda: "begun" in (self.folder / "output").read_text())

    def killed(self) -> str:
        """The program alone: systemd itself is told to kill nothing else."""
        begun = self.begin("KillMode=process")
        os.kill(int(systemctl("show", "-P", "MainPID", self.unit)), 9)
        gone = self.wait(lambda: not [pid for pid in self.left()])
        text = (self.folder / "errors").read_text()
        self.wait(lambda: not self.group.exists())
        self.ended()
        return self.cell(begun and gone, "kill -9", text)

    def stopped(self) -> str:
        begun = self.begin()
        systemctl("stop", self.unit)
        before = len(self.wrong)
        self.ended()
        return self.cell(begun and len(self.wrong) == before, "stop", (self.folder / "errors").read_text())

    def row(self) -> list[str]:
        spin = ("import time, resource; end = time.monotonic() + 3\nwhile time.monotonic() < end: pass\n"
                "print('little' if time.process_time() < 1.5 else 'survived')")
        return [self.name, self.inside(), self.limited("--max-memory 100M", HOG.format(300), "memory"),
                self.limited("--max-cpu-percent 20", spin, "little"), self.units_own(), self.killed(), self.stopped()]


def units() -> None:
    services = [Service("service, Delegate=yes", "delegated"), Service("service", "plain"),
                Service("an ordinary user's service, Delegate=yes", "user")]
    rows = []
    for service in services:
        rows.append(service.row())
        tell(units=rows, wrong=service.wrong)
