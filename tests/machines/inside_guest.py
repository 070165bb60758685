# SPDX-License-Identifier: MIT
"""What runs in the guest of guest.py: first as pid 1, then as a service of systemd's. Tells by lines of JSON."""

import os
import pathlib
import shutil
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(__file__))
import confinement  # noqa: E402
import guest_node  # noqa: E402
import guest_units  # noqa: E402
import places  # noqa: E402
from guest_support import GROUPS, LIMIT, PROGRAM, WANTED, groups_left, machines, tell  # noqa: E402

# 450 MB of 500 in steps, each touched again: with `memory.high` at 80 % the last 50 MB are above it.
NEARLY_ALL = """
import time
began = time.monotonic()
kept = [bytearray(b"x") * (10 << 20) for _ in range(45)]
for _ in range(3):
    for block in kept:
        block[::4096] = bytes(len(block[::4096]))
print(time.monotonic() - began)
"""


# ---- cgroup v2 only, without systemd -----------------------------------------------------------------------

def prepare() -> None:
    confinement.mount("none", "/", "", confinement.MS_REC | confinement.MS_PRIVATE)
    confinement.mount("cgroup2", str(GROUPS), "cgroup2")
    confinement.mount("run", "/run", "tmpfs", 0, "mode=755")
    for folder, mode in (("/dev/shm", "mode=1777"), ("/dev/pts", "")):
        os.makedirs(folder, exist_ok=True)
        confinement.mount("dev", folder, "devpts" if folder.endswith("pts") else "tmpfs", 0, mode)
    os.environ |= {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        del os.environ[name]
    # No index: what is installed lies in a folder.
    os.environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WANTED["wheels"], "UV_NO_INDEX": "1",
                   "UV_FIND_LINKS": WANTED["wheels"], "UV_OFFLINE": "1"}
    time.clock_settime(time.CLOCK_REALTIME, WANTED["now"])
    shutil.copytree(os.path.dirname(WANTED["program"]), os.path.dirname(PROGRAM))


def version_two() -> None:
    folder = pathlib.Path("/run/scratch")
    (folder / "home").mkdir(parents=True)
    place = places.Plain(folder)
    place.name = "cgroup v2 only"
    battery = machines().Battery(place, PROGRAM, WANTED["tools"], False)
    row = battery.row()
    left = groups_left()
    if left:
        battery.wrong.append(f"groups left in the guest: {left}")
    tell(version_two=row, wrong=battery.wrong)


def limits() -> None:
    """The tests of limits, each of which tries a program that wants more than it may have."""
    tests = subprocess.run([WANTED["tests"], "--filenames-as-tags", "[#enforced_test]", "--durations", "yes"],
                           capture_output=True, text=True, timeout=LIMIT * 5, check=False)
    last = [line for line in tests.stdout.splitlines() if line.startswith(("test cases:", "All tests"))]
    wrong = []
    if tests.returncode != 0:
        wrong.append(f"tests of limits in the guest: {tests.stdout[-4000:]}{tests.stderr[-300:]}")
    if groups_left():
        wrong.append(f"groups left by the tests of limits: {groups_left()}")
    tell(limits=last[-1] if last else f"status {tests.returncode}", wrong=wrong)


# ---- what memory.high does --------------------------------------------------------------------------------

def throttling() -> None:
    """The same program in a group of its own, below its limit, once with `memory.high` at 80 % of it."""
    (GROUPS / "cgroup.subtree_control").write_text("+memory")
    found = {}
    for name, high in (("without", "max"), ("with", str(400 << 20))):
        group = GROUPS / f"throttling-{name}"
        group.mkdir()
        (group / "memory.max").write_text(str(500 << 20))
        (group / "memory.high").write_text(high)
        code = f"open({str(group / 'cgroup.procs')!r}, 'w').write('0')\n{NEARLY_ALL}"
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as started:
            try:
                found[name] = float(started.communicate(timeout=LIMIT)[0] or "nan")
            except subprocess.TimeoutExpired:
                started.kill()
                found[name] = None
        group.rmdir()
    tell(throttling=found, throttling_limit=LIMIT)


def attempt(part) -> None:
    try:
        part()
    except Exception:  # pylint: disable=broad-except
        tell(wrong=[f"guest: {part.__name__}: {traceback.format_exc()[-1500:]}"])


def main() -> None:
    if sys.argv[1] == "units":
        for part in (guest_units.units, guest_node.node):
            if part.__name__ in WANTED["parts"]:
                attempt(part)
        return
    prepare()
    # Pid 1 itself stays free to wait for whatever is left to it.
    child = os.fork()
    if child == 0:
        for part in (throttling, version_two, limits):
            if part.__name__ in WANTED["parts"]:
                attempt(part)
        os._exit(0)
    while os.wait()[0] != child:
        pass
    target = "/etc/systemd/system/gestvenv-guest"
    pathlib.Path(f"{target}.target").write_text(
        "[Unit]\nDefaultDependencies=no\nRequires=gestvenv-guest.service\n")
    pathlib.Path(f"{target}.service").write_text(
        "[Unit]\nDefaultDependencies=no\nSuccessAction=poweroff-force\nFailureAction=poweroff-force\n"
        f"[Service]\nType=oneshot\nTimeoutStartSec=infinity\nEnvironment=PATH={os.environ['PATH']}\n"
        f"ExecStart={sys.executable} {__file__} units\n")
    os.makedirs("/run/systemd/system", exist_ok=True)
    for name in [name for name in os.environ if name not in ("PATH", "HOME")]:
        del os.environ[name]
    # In what it takes for a container systemd does not read the kernel's command line.
    pathlib.Path("/.dockerenv").unlink(missing_ok=True)
    os.execv("/lib/systemd/systemd", ["systemd", "--unit=gestvenv-guest.target"])


if __name__ == "__main__":
    main()
