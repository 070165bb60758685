# SPDX-License-Identifier: MIT
"""Places in which a program finds itself, made here from filters, capabilities, mounts and user ids.

A place is entered by a list of steps, in the process that becomes the program: `enter(place)`, then execve.
"""

import ctypes
import os
import pathlib
import struct
import subprocess
import sys

EPERM, ENOSYS, EACCES = 1, 38, 13
SYS = {"clone": 56, "clone3": 435, "pidfd_send_signal": 424, "pidfd_open": 434, "close_range": 436, "openat2": 437,
       "faccessat2": 439, "epoll_pwait2": 441, "memfd_create": 319, "renameat2": 316, "open_tree": 428,
       "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
       "mount": 165, "umount2": 166, "pivot_root": 155, "unshare": 272, "setns": 308, "pidfd_getfd": 438}
MOUNTS = ["mount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick",
          "mount_setattr"]
NAMESPACE_FLAGS = 0x7E020000
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = \
    1, 2, 4, 8, 32, 4096, 16384, 1 << 18
# What docker leaves a container's root: capabilities(7) by number.
DOCKER_CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str, flags: int = 0, data: str = "") -> None:
    checked(libc.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode()), f"mount on {target}")


def own_mounts() -> None:
    checked(libc.unshare(CLONE_NEWNS), "unshare")
    try:
        mount("none", "/", "", MS_REC | MS_PRIVATE)
    except OSError:
        # Our root is no mount point: from the namespace's own root, and back.
        root = os.open("/", os.O_PATH)
        with open("/proc/self/ns/mnt", "rb") as here:
            checked(libc.setns(here.fileno(), CLONE_NEWNS), "setns")
        mount("none", "/", "", MS_REC | MS_PRIVATE)
        os.fchdir(root)
        os.chroot(".")
        os.close(root)


def refuse(answers: dict[str, int], namespaces: bool = False) -> None:
    """A seccomp filter: each call named gets its errno value; `namespaces`: clone(2) refuses their flags."""
    def statement(code: int, value: int) -> bytes:
        return struct.pack("HBBI", code, 0, 0, value)

    def if_equal(code: int, value: int, yes: int, no: int) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    program = [statement(0x20, 0)]
    for name, error in answers.items():
        program += [if_equal(0x15, SYS[name], 0, 1), statement(0x06, 0x50000 | error)]
    if namespaces:
        program += [if_equal(0x15, SYS["clone"], 0, 3), statement(0x20, 16),
                    if_equal(0x45, NAMESPACE_FLAGS, 0, 1), statement(0x06, 0x50000 | EPERM)]
    program.append(statement(0x06, 0x7FFF0000))
    text = ctypes.create_string_buffer(b"".join(program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    checked(libc.prctl(38, 1, 0, 0, 0), "no_new_privs")
    checked(libc.prctl(22, 2, ctypes.byref(Program(len(program), ctypes.addressof(text))), 0, 0), "seccomp")


def container_filter() -> None:
    """As docker's and containerd's default profile for a container without CAP_SYS_ADMIN."""
    refuse({name: EPERM for name in [*MOUNTS, "unshare", "setns"]} | {"clone3": ENOSYS}, namespaces=True)


def keep_capabilities(kept: set[int]) -> None:
    for number in range(41):
        if number not in kept:
            libc.prctl(24, number, 0, 0, 0)
    mask = sum(1 << number for number in kept)
    header = struct.pack("II", 0x20080522, 0)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    checked(libc.capset(header, struct.pack("IIIIII", low, low, 0, high, high, 0)), "capset")


def read_only(path: str) -> None:
    mount(path, path, "", MS_BIND | MS_REC)
    if path == "/":  # what lies over the root is entered
        os.chroot("/..")
    mount("none", path, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def no_cgroups() -> None:
    """A container's: there is a folder, and nothing in it."""
    mount("none", "/sys/fs/cgroup", "tmpfs", MS_RDONLY)


def become(user: int) -> None:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def can_have_user_namespaces() -> bool:
    """Not below a root that is no mount point, nor where they are switched off."""
    if child := os.fork():
        return os.waitpid(child, 0)[1] == 0
    os._exit(0 if libc.unshare(CLONE_NEWUSER) == 0 else 1)


def root_is_a_mount() -> bool:
    """Not where the system lies in a folder (chroot)."""
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        return any(line.split()[4] == "/" for line in mounts)


class Place:
    """One row of the table. `scratch` is a folder of its own, which the user of the place may write to."""

    name = ""
    about = ""
    user = 0
    # Where the answer is an error, by its beginning.
    refused = ""
    needs_user_namespaces = False
    # Its root is made read-only, which only a mount can be.
    needs_root_mount = False

    def __init__(self, scratch: pathlib.Path) -> None:
        self.scratch = scratch

    def prepare(self) -> None:
        """Before the first program, in the test itself."""

    def tidy(self) -> None:
        """After the last one."""

    def variables(self) -> dict[str, str]:
        return {"HOME": str(self.scratch / "home")}

    def enter(self) -> None:
        """In the process that becomes the program."""


class Plain(Place):
    name = "here"
    about = "root, nothing taken away"


class Docker(Place):
    name = "docker"
    about = "its default filter and capabilities, no cgroups, a /dev/shm of 64 MB that nothing runs from"

    def enter(self) -> None:
        own_mounts()
        no_cgroups()
        mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64m")
        keep_capabilities(DOCKER_CAPABILITIES)
        container_filter()


class ContinuousIntegration(Docker):
    name = "ci-container"
    about = "GitHub's and GitLab's jobs in a container: the same, with a checkout of another user's"

    def prepare(self) -> None:
        checkout = self.scratch / "checkout"
        checkout.mkdir()
        os.chown(checkout, 1001, 1001)

    def enter(self) -> None:
        os.chdir(self.scratch / "checkout")
        super().enter()


class Kubernetes(Place):
    name = "kubernetes"
    needs_root_mount = True
    about = "restricted: a uid without a name, HOME=/, a read-only root, no privileges, no cgroups"
    user = 54321

    def variables(self) -> dict[str, str]:
        return {"HOME": "/"}

    def enter(self) -> None:
        own_mounts()
        no_cgroups()
        read_only("/")
        # What is built, and the tools, may lie in /tmp themselves.
        kept = {path: os.open(path, os.O_PATH) for path in (os.path.dirname(sys.argv[1]), os.environ["GESTVENV_TOOLS"])}
        mount("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
        for path, folder in kept.items():
            if path.startswith("/tmp/"):
                os.makedirs(path, exist_ok=True)
                mount(f"/proc/self/fd/{folder}", path, "", MS_BIND)
            os.close(folder)
        mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64m,mode=1777")
        keep_capabilities({6, 7})
        become(self.user)
        os.chdir("/tmp")
        container_filter()


class Podman(Place):
    name = "podman-rootless"
    needs_user_namespaces = True
    about = "root of a user namespace with one uid, /proc partly hidden, no cgroups"

    def enter(self) -> None:
        own_mounts()
        no_cgroups()
        checked(libc.unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS), "unshare")
        for file, text in (("setgroups", "deny"), ("uid_map", "0 0 1"), ("gid_map", "0 0 1")):
            pathlib.Path(f"/proc/self/{file}").write_text(text)
        if child := os.fork():
            os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        for hidden in ("/proc/kcore", "/proc/timer_list", "/proc/keys"):
            if os.path.exists(hidden):
                mount("/dev/null", hidden, "", MS_BIND)
        read_only("/proc/sys")
        keep_capabilities(DOCKER_CAPABILITIES - {29})
        container_filter()


class Ubuntu(Place):
    name = "ubuntu-24.04"
    about = "a user whose user namespaces give no rights (AppArmor; here a filter that refuses mounts in them)"
    user = 54322

    def enter(self) -> None:
        become(self.user)
        refuse({name: EACCES for name in MOUNTS})


class User(Place):
    name = "user"
    about = "an ordinary user, nothing else taken away"
    user = 54323

    def enter(self) -> None:
        become(self.user)


class OldKernel(Place):
    name = "old-kernel"
    about = "none of the calls that Linux 5.1 to 5.14 brought"

    def enter(self) -> None:
        refuse({name: ENOSYS for name in ["clone3", "pidfd_send_signal", "pidfd_open", "pidfd_getfd", "close_range",
                                          "openat2", "faccessat2", "epoll_pwait2", *MOUNTS[3:]]})


class NoMemoryFiles(Place):
    name = "no-memfd"
    about = "memfd_create, pidfds, openat2 and close_range refused with EPERM"

    def enter(self) -> None:
        refuse({name: EPERM for name in ["memfd_create", "pidfd_open", "pidfd_send_signal", "openat2",
                                         "close_range"]})


class NoExecution(Place):
    name = "noexec-tmp"
    about = "nothing can be executed in /tmp and /dev/shm"

    def enter(self) -> None:
        own_mounts()
        # What is built, and the tools, may lie in /tmp themselves.
        for kept in (os.path.dirname(sys.argv[1]), os.environ["GESTVENV_TOOLS"]):
            mount(kept, kept, "", MS_BIND)
        mount("/tmp", "/tmp", "", MS_BIND | MS_REC)
        mount("none", "/tmp", "", MS_REMOUNT | MS_BIND | MS_NOEXEC)
        mount("shm", "/dev/shm", "tmpfs", MS_NOEXEC)


class NoSharedMemory(Place):
    name = "no-dev-shm"
    about = "an ordinary user without a /dev/shm, and without namespaces"
    user = 54324

    def enter(self) -> None:
        own_mounts()
        no_cgroups()
        mount("none", "/dev/shm", "tmpfs", MS_RDONLY)
        become(self.user)
        container_filter()


class NoHome(Place):
    name = "no-home"
    about = "a uid without a name and without HOME"
    user = 54325

    def variables(self) -> dict[str, str]:
        return {}

    def enter(self) -> None:
        become(self.user)


class OthersHome(Place):
    name = "others-home"
    about = "a uid of its own with HOME=/root"
    user = 54326

    def variables(self) -> dict[str, str]:
        return {"HOME": "/root"}

    def enter(self) -> None:
        become(self.user)


class Chroot(Place):
    name = "chroot"
    about = "root in a folder that is no mount point (debootstrap, build daemons)"

    def enter(self) -> None:
        own_mounts()
        # A folder that has everything: the root's own, seen through a mount above it.
        whole = self.scratch / "whole"
        whole.mkdir(exist_ok=True)
        mount("none", str(whole), "tmpfs")
        inner = whole / "inner"
        inner.mkdir()
        for name in os.listdir("/"):
            source = pathlib.Path("/", name)
            if source.is_symlink():
                (inner / name).symlink_to(os.readlink(source))
            elif source.is_dir():
                (inner / name).mkdir()
                mount(str(source), str(inner / name), "", MS_BIND | MS_REC)
        os.chroot(inner)
        os.chdir("/")


class PidsOf(Place):
    count = 0

    def group(self) -> pathlib.Path:
        return pathlib.Path(f"/sys/fs/cgroup/pids/gestvenv-machines-{os.getpid()}-{self.count}")

    def prepare(self) -> None:
        self.made = self.group()
        self.made.mkdir()
        (self.made / "pids.max").write_text(str(self.count))

    def tidy(self) -> None:
        self.made.rmdir()

    def enter(self) -> None:
        (self.made / "cgroup.procs").write_text("0")


class FivePids(PidsOf):
    name = "pids.max-5"
    about = "a group of five processes and threads"
    count = 5
    refused = "error: cannot start a thread: Resource temporarily unavailable"


class TwentyPids(PidsOf):
    name = "pids.max-20"
    about = "a group of twenty"
    count = 20


class NobodyWaits(Place):
    name = "docker-exec"
    about = "beside a pid 1 that collects no ended process (docker exec beside sleep infinity)"

    def prepare(self) -> None:
        # Its own pid namespace, whose first process sleeps; the programs come into it by nsenter.
        code = (f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r}); import os, places\n"
                "places.own_mounts(); places.checked(places.libc.unshare(places.CLONE_NEWPID), 'unshare')\n"
                "if os.fork(): print(flush=True); os.wait()\n"
                "else:\n"
                " places.libc.prctl(1, 9, 0, 0, 0)\n"
                " places.mount('proc', '/proc', 'proc'); print('begun', flush=True)\n"
                " os.execvp('sleep', ['sleep', '1000'])")
        self.first = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        while self.first.stdout.readline() != b"begun\n":
            pass
        self.inner = int(pathlib.Path(f"/proc/{self.first.pid}/task/{self.first.pid}/children").read_text())

    def tidy(self) -> None:
        self.first.kill()
        self.first.communicate()

    def zombies(self) -> int:
        """Among those that it has been given."""
        children = pathlib.Path(f"/proc/{self.inner}/task/{self.inner}/children").read_text().split()
        return sum(1 for pid in children if pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z")

    def enter(self) -> None:
        namespaces = [os.open(f"/proc/{self.inner}/ns/{kind}", os.O_RDONLY) for kind in ("pid", "mnt")]
        root = os.open(f"/proc/{self.inner}/root", os.O_PATH)
        for namespace in namespaces:
            checked(libc.setns(namespace, 0), "setns")
            os.close(namespace)
        os.fchdir(root)  # where that is no mount point, the namespace's own root is another
        os.chroot(".")
        os.close(root)
        if child := os.fork():
            os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)


class WithoutCall(Place):
    """One call refused, all others there."""

    def __init__(self, scratch: pathlib.Path) -> None:
        super().__init__(scratch)
        self.call, self.error = self.name.split("=")

    def enter(self) -> None:
        refuse({self.call: {"ENOSYS": ENOSYS, "EPERM": EPERM}[self.error]})


# The C library starts threads with clone3 alone where that is answered with EPERM, and statx, renameat2 and memory
# files are what uv itself needs.
EACH_CALL = {f"without_{call}_{error}": type(f"without_{call}_{error}", (WithoutCall,), {"name": f"{call}={error}"})
             for call in ("clone3", "pidfd_open", "pidfd_send_signal", "close_range", "openat2", "faccessat2",
                          "memfd_create", "mount", "unshare", "setns", "fsopen", "fsconfig", "fsmount", "move_mount",
                          "open_tree")
             for error in ("ENOSYS", "EPERM") if (call, error) != ("clone3", "EPERM")}
globals().update(EACH_CALL)

ALL = [Plain, User, Docker, ContinuousIntegration, Podman, Kubernetes, Ubuntu, OldKernel, NoMemoryFiles, NoExecution,
       NoSharedMemory, NoHome, OthersHome, Chroot, FivePids, TwentyPids, NobodyWaits]
