# SPDX-License-Identifier: MIT
"""What takes rights, calls and mounts away from the process that calls it, and what it can have at all."""

import ctypes
import os
import struct

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
