# SPDX-License-Identifier: MIT
"""A virtual machine that shows this machine's files, with a kernel of its own: cgroup v2 only, and systemd.

Kernel, modules and a wheel come from apt and pip once, into a cache folder. The guest writes to memory alone.
"""

import ctypes
import fcntl
import json
import lzma
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gestvenv/machines"
PARTS = ["throttling", "version_two", "limits", "units", "node"]
NEEDED = {"qemu-system-x86": "/usr/bin/qemu-system-x86_64", "busybox-static": "/bin/busybox",
          "systemd": "/lib/systemd/systemd"}
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
MODULES = ["virtio_pci", "9pnet_virtio", "9p", "overlay"]
INIT = """#!/bin/busybox sh
export PATH=/bin
/bin/busybox mkdir -p /proc /sys /dev /host /fresh /whole
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
echo begun >/dev/ttyS1
if grep -q gestvenv_trial /proc/cmdline; then poweroff -f; fi
for module in {modules}; do insmod /modules/$module.ko || exec poweroff -f; done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 host /host &&
mount -t tmpfs -o size=3g fresh /fresh && mkdir /fresh/upper /fresh/work &&
mount -t overlay -o lowerdir=/host,upperdir=/fresh/upper,workdir=/fresh/work root /whole || exec poweroff -f
for folder in proc sys dev; do mount --move /$folder /whole/$folder; done
exec switch_root /whole /usr/bin/python3 {inside} first
"""


class Unavailable(Exception):
    """It cannot be tried here; the text says why."""


def missing_packages() -> list[str]:
    return [name for name, file in NEEDED.items() if not os.path.exists(file)]


def run(*words: str, **options) -> subprocess.CompletedProcess:
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise Unavailable(f"{words[0]} failed: {done.stderr.strip()[-300:]}")
    return done


def kernel() -> pathlib.Path:
    """The folder into which the distribution's kernel is unpacked; nothing is installed."""
    depends = run("apt-cache", "depends", "linux-image-amd64").stdout
    package = re.search(r"Depends: (linux-image-\S+)", depends)
    if not package:
        raise Unavailable("apt knows no linux-image-amd64: apt-get update")
    folder = CACHE / package[1]
    if folder.exists():
        return folder
    print(f"machines: fetching {package[1]} into {CACHE}", flush=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        run("apt-get", "download", package[1], cwd=work)
        file = next(pathlib.Path(work).glob("*.deb"))
        run("dpkg-deb", "-x", str(file), work + "/unpacked")
        os.rename(work + "/unpacked", folder)
    return folder


def wheels() -> pathlib.Path:
    """What the battery installs, for a guest without a network."""
    folder = CACHE / "wheels"
    if not list(folder.glob("six-1.16.0*.whl")):
        run("python3", "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), "six==1.16.0")
    return folder


class Modules:
    """Those of an unpacked kernel, in the order in which they are put in."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.files = {file.name.split(".ko")[0].replace("-", "_"): file for file in folder.rglob("*.ko*")}
        self.order: dict[str, bytes] = {}

    def add(self, name: str) -> None:
        if name in self.order or name not in self.files:
            return  # the second is built in
        data = self.files[name].read_bytes()
        data = lzma.decompress(data) if self.files[name].suffix == ".xz" else data
        depends = re.search(rb"\0depends=([^\0]*)\0", data)
        for other in (depends[1].decode() if depends else "").split(","):
            self.add(other.replace("-", "_"))
        self.order[name] = data


def make_initramfs(folder: pathlib.Path, work: pathlib.Path) -> pathlib.Path:
    modules = Modules(folder)
    for name in MODULES:
        modules.add(name)
    inner = work / "initramfs"
    for name in ("bin", "modules", "dev"):
        (inner / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", inner / "bin/busybox")
    for name, data in modules.order.items():
        (inner / "modules" / f"{name}.ko").write_bytes(data)
    (inner / "init").write_text(INIT.format(modules=" ".join(modules.order),
                                            inside=pathlib.Path(__file__).parent / "inside_guest.py"))
    (inner / "init").chmod(0o755)
    os.mknod(inner / "dev/console", 0o020600, os.makedev(5, 1))
    file = work / "initramfs.cpio"
    run("sh", "-c", f"cd {inner} && /bin/busybox find . | /bin/busybox cpio -o -H newc >{file}")
    return file


class Guest:
    """Ended at the end of its `with`, whatever happens."""

    def __init__(self, folder: pathlib.Path, initramfs: pathlib.Path, work: pathlib.Path, accelerator: str,
                 arguments: str = "") -> None:
        self.answers = work / f"answers-{accelerator}"
        self.console = work / f"console-{accelerator}"
        # With KVM below another hypervisor not all that it says the host has can be set.
        accelerated = ["-accel", "kvm", "-cpu", "host,-arch-capabilities"] if accelerator == "kvm" else \
            ["-accel", "tcg,thread=multi", "-cpu", "max"]
        self.process = subprocess.Popen(
            ["/usr/bin/qemu-system-x86_64", *accelerated, "-m", "4096", "-smp", "2", "-display", "none", "-nodefaults",
             "-no-reboot", "-serial", f"file:{self.console}", "-serial", f"file:{self.answers}",
             "-kernel", str(next((folder / "boot").glob("vmlinuz-*"))), "-initrd", str(initramfs),
             "-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap",
             "-device", "virtio-9p-pci,fsdev=host,mount_tag=host",
             "-append", f"console=ttyS0 panic=-1 quiet {arguments}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))

    def __enter__(self) -> "Guest":
        return self

    def __exit__(self, *_) -> None:
        self.process.kill()
        self.process.wait()

    def wait(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def text(self) -> str:
        return self.answers.read_text(errors="replace") if self.answers.exists() else ""

    def last_words(self) -> str:
        return self.console.read_text(errors="replace")[-1500:] if self.console.exists() else ""


def find_accelerator(folder: pathlib.Path, initramfs: pathlib.Path, work: pathlib.Path) -> str:
    """`kvm` where a guest with it really starts; /dev/kvm alone says little in a virtual machine."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        raise Unavailable("there is no /dev/kvm; with --software it is tried without, in many minutes")
    with Guest(folder, initramfs, work, "kvm", "gestvenv_trial") as guest:
        guest.wait(20)
        return "kvm" if "begun" in guest.text() else "tcg"


def try_guest(program: str, tools: str, software: bool, seconds: float, parts: list[str]) -> tuple[dict, list[str]]:
    """What the guest has found, and what is wrong."""
    if missing := missing_packages():
        raise Unavailable(f"apt-get install --no-install-recommends {' '.join(missing)}")
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in CACHE.glob("gestvenv-guest-*"):  # of one that was killed
            shutil.rmtree(left, ignore_errors=True)
        return try_alone(program, tools, software, seconds, parts)


def try_alone(program: str, tools: str, software: bool, seconds: float, parts: list[str]) -> tuple[dict, list[str]]:
    folder = kernel()
    with tempfile.TemporaryDirectory(prefix="gestvenv-guest-", dir=CACHE) as name:
        work = pathlib.Path(name)
        initramfs = make_initramfs(folder, work)
        accelerator = "tcg" if software else find_accelerator(folder, initramfs, work)
        wanted = work / "wanted.json"
        wanted.write_text(json.dumps({
            "program": program, "tools": tools, "wheels": str(wheels()), "root": str(ROOT),
            "tests": str(pathlib.Path(program).parent.parent / "tests/tests_system"),
            "parts": parts, "slow": accelerator == "tcg", "now": time.time()}))
        begun = time.monotonic()
        with Guest(folder, initramfs, work, accelerator,
                   f"gestvenv_wanted={wanted} systemd.unit=gestvenv-guest.target systemd.show_status=0") as guest:
            ended = guest.wait(seconds)
            answers = [json.loads(line) for line in guest.text().splitlines() if line.startswith("{")]
            found = {"accelerator": accelerator, "seconds": time.monotonic() - begun, "kernel": folder.name}
            wrong = [] if ended else [f"guest: not done after {seconds:.0f} s"]
            for answer in answers:
                wrong += answer.pop("wrong", [])
                found |= answer
            for part in parts:
                if part not in found:
                    wrong.append(f"guest: no answer about {part}; its last words: {guest.last_words()}")
        return found, wrong
