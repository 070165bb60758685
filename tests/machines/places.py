# SPDX-License-Identifier: MIT
"""Places in which a program finds itself, made here from filters, capabilities, mounts and user ids.

A place is entered by a list of steps, in the process that becomes the program: `enter(place)`, then execve.
"""

import os
import pathlib
import subprocess
import sys

from confinement import (CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, DOCKER_CAPABILITIES, EACCES, ENOSYS, EPERM, MOUNTS,
                         MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REC, MS_REMOUNT, become, checked,
                         container_filter, keep_capabilities, libc, mount, no_cgroups, own_mounts, read_only, refuse)


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


class IdleInit(Place):
    name = "docker-exec"
    about = "beside a pid 1 that collects no ended process (docker exec beside sleep infinity)"

    def prepare(self) -> None:
        # Its own pid namespace, whose first process sleeps; the programs come into it by nsenter.
        code = (f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r}); import os, confinement as c\n"
                "c.own_mounts(); c.checked(c.libc.unshare(c.CLONE_NEWPID), 'unshare')\n"
                "if os.fork(): print(flush=True); os.wait()\n"
                "else:\n"
                " c.libc.prctl(1, 9, 0, 0, 0)\n"
                " c.mount('proc', '/proc', 'proc'); print('begun', flush=True)\n"
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
       NoSharedMemory, NoHome, OthersHome, Chroot, FivePids, TwentyPids, IdleInit]
