# SPDX-License-Identifier: MIT
"""What tests of a living node share: a node in folders of its own, and the run of a file's tests.

A test file is called as: FILE GESTVENV [NAME...]
"""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

PROGRAM = os.path.abspath(sys.argv[1])
ENVIRONMENTS = "/api/v1/ephemeral/environments"
PATIENCE = 30


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


def eventually(holds, what):
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, f"it never became true that {what}"
        time.sleep(0.02)


class Node:
    """A node in the foreground, with state and runtime folders of its own."""

    def __init__(self, folder, *options, variables=None):
        self.folder = pathlib.Path(folder)
        (self.folder / "run").mkdir(mode=0o700, exist_ok=True)
        self.variables = {**os.environ, "XDG_RUNTIME_DIR": f"{folder}/run", "XDG_STATE_HOME": f"{folder}/state",
                          **(variables or {})}
        self.socket = f"{folder}/run/gestvenv/node.sock"
        ready, said = os.pipe()
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            [PROGRAM, "node", "start", "--foreground", "--ready-descriptor", str(said), *options],
            env=self.variables, pass_fds=[said], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        os.close(said)
        with os.fdopen(ready) as pipe:
            self.answer = pipe.read()

    def connection(self):
        return UnixConnection(self.socket)

    def ask(self, method, path, body=None, headers=None, connection=None):
        own = connection or self.connection()
        sent = dict(headers or {})
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        try:
            own.request(method, path, body, sent)
        except BrokenPipeError:
            pass  # refused before it was read: the answer is there
        answer = own.getresponse()
        text = answer.read()
        if connection is None:
            own.close()
        is_json = (answer.getheader("Content-Type") or "").startswith(("application/json", "application/problem+json"))
        return answer.status, json.loads(text) if is_json and text else text, answer.headers

    def create(self, **spec):
        status, made, _ = self.ask("POST", ENVIRONMENTS, spec)
        assert status == 201, made
        return made

    def names(self):
        return sorted(one["name"] for one in self.ask("GET", ENVIRONMENTS)[1]["items"])

    def command(self, *words, **options):
        return subprocess.run([PROGRAM, *words], env=self.variables, capture_output=True, text=True, timeout=PATIENCE,
                              **options)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(60) == 0, (self.folder / "log").read_text()
        self.log.close()

    def __enter__(self):
        assert self.answer == "ready", self.answer
        return self

    def __exit__(self, *_):
        self.stop()


def proportional_memory(pid):
    """PSS in MB (proc_pid_smaps(5))."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1]) / 1024


def figure(text):
    """For who reads the test's output; nothing depends on it."""
    print(f"        {text}", flush=True)


def running(word):
    return subprocess.run(["pgrep", "-f", word], capture_output=True).returncode == 0


def run_all(tests):
    """Runs each function `test_...` of a module, whose names are given or all; returns the exit status."""
    wanted = sys.argv[2:]
    tests = [(name, test) for name, test in tests.items() if name.startswith("test_")
             and (not wanted or any(word in name for word in wanted))]
    failed = 0
    for name, test in tests:
        sentence = name.removeprefix("test_").replace("_", " ")
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="gvn", ignore_cleanup_errors=True) as folder:
            try:
                test(folder)
                print(f"passed  {sentence} ({time.monotonic() - began:.1f} s)", flush=True)
            except BaseException:  # pylint: disable=broad-except
                failed += 1
                traceback.print_exc()
                log = pathlib.Path(folder) / "log"
                print(f"FAILED  {sentence}\n{log.read_text() if log.exists() else ''}", flush=True)
                subprocess.run(["pkill", "-f", f"ready-descriptor.*{folder}"], check=False)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed or not tests else 0

