# SPDX-License-Identifier: MIT
"""The node's own units in the guest: root's, and an ordinary user's under a manager of that user's own."""

import os
import pathlib
import subprocess
import time

from guest_support import LIMIT, PROGRAM, WANTED, groups_left, machines, say, tell
from guest_units import systemctl

USER = 65534


def what_is_left() -> list[str]:
    mounted = [line for line in pathlib.Path("/proc/mounts").read_text().splitlines() if "gestvenv-ephemeral" in line]
    running = [f"process {pid}" for pid in filter(str.isdigit, os.listdir("/proc"))
               if "gestvenv-launcher" in machines().command_line(pid)]
    return [*map(str, groups_left()), *mounted, *running]


class NodeUnit:
    """A unit of packaging/systemd as it is installed, with a home of its own."""

    user: int | None = None
    # A memory limit, which needs the unit's group.
    limits = ("--max-memory", "200M")

    def __init__(self, source: str, name: str) -> None:
        self.name = name
        self.wrong: list[str] = []
        self.home = home = self.make_home()
        units = self.units()
        units.mkdir(parents=True, exist_ok=True)
        folder = pathlib.Path(WANTED["root"]) / "packaging/systemd"
        for file in (source, source.replace(".service.in", ".socket")):
            if not (folder / file).exists():
                continue
            kind = ".socket" if file.endswith(".socket") else ".service"
            text = (folder / file).read_text().replace("@CMAKE_INSTALL_FULL_BINDIR@", os.path.dirname(PROGRAM))
            (units / (name + kind)).write_text(text)
            more = units / f"{name}{kind}.d"
            more.mkdir()
            # The guest has no basic.target.
            (more / "guest.conf").write_text("[Unit]\nDefaultDependencies=no\n" + (
                f"[Service]\nEnvironment=HOME={home} PATH={os.environ['PATH']}\nStandardOutput=append:{home}/log\n"
                f"StandardError=append:{home}/log\n" if kind == ".service" else ""))
        self.log = home / "log"
        self.variables = {**os.environ, "HOME": str(home)}
        self.begin()

    def make_home(self) -> pathlib.Path:
        home = pathlib.Path(f"/run/home-{self.name}")
        home.mkdir()
        return home

    def units(self) -> pathlib.Path:
        """The folder of the manager's units."""
        return pathlib.Path("/run/systemd/system")

    def begin(self) -> None:
        self.systemctl("daemon-reload")

    def systemctl(self, *words: str) -> str:
        return systemctl(*words)

    def identity(self) -> dict:
        return {} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}

    def check(self, good: object, what: str, text: object = "") -> None:
        say(f"{self.name}: {what}: {bool(good)}")
        if not good:
            log = self.log.read_text()[-1500:] if self.log.exists() else ""
            self.wrong.append(f"{self.name}: {what}: {str(text)[-800:]}; log: {log}")

    def state(self, what: str = "ActiveState", unit: str = "") -> str:
        return self.systemctl("show", "-P", what, unit or f"{self.name}.service").strip()

    def becomes(self, state: str) -> bool:
        deadline = time.monotonic() + LIMIT
        while self.state() != state and time.monotonic() < deadline:
            time.sleep(0.2)
        return self.state() == state

    def ask(self, socket: str, *words: str) -> subprocess.CompletedProcess:
        variables = {**self.variables, "GESTVENV_NODE": socket} if socket else self.variables
        return subprocess.run([PROGRAM, *words], env=variables, capture_output=True, text=True, timeout=LIMIT, check=False,
                              stdin=subprocess.DEVNULL, cwd="/", **self.identity())

    def use(self, socket: str) -> None:
        made = self.ask(socket, "ephemeral", "create", "e", "--ttl", "600", *self.limits)
        self.check(made.returncode == 0, "an environment is made", made.stderr)
        group = self.ask(socket, "run", "--env", "e", "cat", "/proc/self/cgroup")
        own = self.state("ControlGroup")
        self.check(own and group.stdout.startswith(f"0::{own}/"), "its command is in the unit", (group, own))

    def nothing_left(self, when: str) -> None:
        deadline = time.monotonic() + LIMIT
        while (left := what_is_left()) and time.monotonic() < deadline:
            time.sleep(0.2)
        self.check(not left, f"nothing is left {when}", left)


class UserNodeUnit(NodeUnit):
    """The same under `systemd --user` of an ordinary user, as user@.service(5) runs it."""

    user = USER
    # The manager of a user marks no group as delegated (systemd 252): limits are refused there.
    limits = ()
    manager = "gestvenv-manager"

    def make_home(self) -> pathlib.Path:
        home = super().make_home()
        self.runtime = home / "runtime"
        self.runtime.mkdir(mode=0o700)
        return home

    def units(self) -> pathlib.Path:
        return self.home / ".config/systemd/user"

    def begin(self) -> None:
        self.variables["XDG_RUNTIME_DIR"] = str(self.runtime)
        for folder, _, files in os.walk(self.home):
            for name in ("", *files):
                os.chown(os.path.join(folder, name), self.user, self.user)
        pathlib.Path(f"/run/systemd/system/{self.manager}.service").write_text(
            f"[Unit]\nDefaultDependencies=no\n[Service]\nUser={self.user}\nType=notify\nDelegate=yes\nKillMode=mixed\n"
            f"Environment=HOME={self.home} XDG_RUNTIME_DIR={self.runtime} PATH={os.environ['PATH']}\n"
            f"ExecStart=/lib/systemd/systemd --user\nStandardOutput=append:/run/{self.manager}.log\n"
            f"StandardError=append:/run/{self.manager}.log\n")
        systemctl("daemon-reload")
        systemctl("start", self.manager)

    def systemctl(self, *words: str) -> str:
        done = subprocess.run(["systemctl", "--user", *words], env=self.variables, capture_output=True, text=True,
                              timeout=LIMIT, check=False, **self.identity())
        if done.stderr:
            say(f"systemctl --user {' '.join(words)}: {done.stderr}")
        return done.stdout


def use_by_socket(unit: NodeUnit, socket: str, place: str) -> None:
    """What `socket` is called by clients, and where it is."""
    unit.systemctl("enable", "--now", f"{unit.name}.socket")
    unit.check(os.path.exists(place) and unit.state() == "inactive", "the socket waits without a node", unit.state())
    listed = unit.ask(socket, "ephemeral", "list")
    unit.check(listed.returncode == 0 and unit.state() == "active", "its first client starts the node", listed)
    unit.use(socket)
    unit.systemctl("stop", f"{unit.name}.service")
    unit.check(unit.state("Result") == "success", "it is stopped in order", unit.state("Result"))
    unit.nothing_left("after a stop")
    unit.check(os.path.exists(place), "the socket stays")
    listed = unit.ask(socket, "ephemeral", "list")
    unit.check(listed.returncode == 0 and listed.stdout == "no environments\n", "the next client has the next node", listed)
    unit.systemctl("stop", f"{unit.name}.socket", f"{unit.name}.service")


def node() -> None:
    own = NodeUnit("system/gestvenv-node@.service.in", "gestvenv-node@root")
    socket = "/run/gestvenv-node-root/node.sock"
    systemctl("start", own.name)
    own.check(own.becomes("active"), "Type=notify: it is ready", own.state())
    own.use(socket)
    systemctl("reload", own.name)
    own.check("read again" in own.log.read_text(), "ExecReload= reads the configuration again")
    systemctl("stop", own.name)
    own.check(own.state("Result") == "success" and own.state() == "inactive", "it is stopped in order", own.state("Result"))
    own.check(not os.path.exists(os.path.dirname(socket)), "its runtime folder is gone")
    own.nothing_left("after a stop")
    systemctl("start", own.name)
    own.use(socket)
    os.kill(int(own.state("MainPID")), 9)
    own.check(own.becomes("failed"), "it is killed", own.state())
    own.nothing_left("after kill -9")

    by_socket = NodeUnit("user/gestvenv-node.service.in", "gestvenv-node")
    use_by_socket(by_socket, "/run/gestvenv/node.sock", "/run/gestvenv/node.sock")

    of_user = UserNodeUnit("user/gestvenv-node.service.in", "gestvenv-node-of-user")
    use_by_socket(of_user, "", str(of_user.runtime / "gestvenv/node.sock"))
    systemctl("stop", of_user.manager)
    of_user.nothing_left("after the end of the user's manager")
    wrong = own.wrong + by_socket.wrong + of_user.wrong
    seen = "start, limits, reload, stop, kill -9 and socket activation, also under systemd --user"
    tell(node="wrong" if wrong else seen, wrong=wrong)
