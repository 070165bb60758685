#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fuzzes a living node over TCP by its own OpenAPI document, with schemathesis (https://schemathesis.io).

    tests/net/fuzz_rest.py --program build/release/bin/gestvenv [--requests N] [--seed N] [--operation ID] [--reasons]

The node has folders of its own and is offline. First openapi-spec-validator reads the document. Then schemathesis sends
at least N requests, valid and invalid ones, in runs with seeds that follow each other. The exit status is 1 after a 5xx,
an answer that is not as the document says, invalid input that was accepted, a request that was not answered, or a node
that has ended or does not end in order; with --reasons also after valid input that was refused for none of the reasons
in the hooks, a list that grows with new fields. 77 where no package index can be reached.
What is left out and why: tests/net/fuzz_rest_hooks.py.
"""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = ["schemathesis>=4.32,<5", "openapi-spec-validator>=0.9,<0.10"]
SKIPPED = 77
START_SECONDS = 60
STOP_SECONDS = 60
# What a valid request may be answered with: 400 too, where tests/net/fuzz_rest_hooks.py knows the reason.
ACCEPTED = ["2xx", "400", "401", "403", "404", "409", "410", "422", "429"]
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429"]
# Ends the node, or never ends.
LEFT_OUT = ["stop", "followOutput"]


def fail(text: str) -> None:
    print(f"error: {text}", file=sys.stderr)
    sys.exit(1)


class Node:
    """A node in folders of its own, with a token of all rights."""

    def __init__(self, program: str, folder: pathlib.Path) -> None:
        self.program = program
        self.folder = folder
        self.log = folder / "node.log"
        self.variables = dict(os.environ)
        for name in ("STATE_HOME", "RUNTIME_DIR", "CONFIG_HOME"):
            path = folder / name.lower()
            path.mkdir(mode=0o700)
            self.variables["XDG_" + name] = str(path)
        self.token = self.gestvenv("token", "create", "schemathesis", "--right", "admin").split()[-1]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [program, "--offline", "node", "start", "--foreground", "--listen", "127.0.0.1:0", "--idle-end",
                 "unlimited"],
                env=self.variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def gestvenv(self, *words: str) -> str:
        done = subprocess.run([self.program, *words], env=self.variables, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            fail(f"gestvenv {' '.join(words)}: status {done.returncode}: {done.stderr}")
        return done.stdout

    def address(self) -> str:
        """Waits until it listens."""
        record = self.folder / "state_home/gestvenv/node.json"
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            if record.exists():
                listens = json.loads(record.read_text())["listens"]
                return listens[0]
            time.sleep(0.05)
        return fail(f"the node does not start:\n{self.log.read_text(errors='replace')}")

    def get(self, url: str) -> bytes:
        asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.read()

    def last_lines(self) -> str:
        """What it wrote last, without the many environments that were not made, as was asked for."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(line for line in lines if " create failed: " not in line)[-4000:]

    def lives(self) -> bool:
        return self.process.poll() is None

    def end(self) -> int:
        """Its exit status; one that does not end in order is killed."""
        if self.lives():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            fail(f"the node does not end within {STOP_SECONDS} s:\n{self.last_lines()}")


class Schemathesis:
    """Installed with the validator into a folder that is used again."""

    def __init__(self) -> None:
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
        self.folder = cache / "gestvenv/tests/schemathesis"
        self.bin = self.folder / "bin"
        stamp = self.folder / "packages"
        wanted = "\n".join([*PACKAGES, sys.version])
        if stamp.exists() and stamp.read_text() == wanted:
            return
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(self.folder)], check=True)
        installed = subprocess.run([self.bin / "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
                                   capture_output=True, text=True, check=False)
        if installed.returncode != 0:
            print(f"skipped: schemathesis cannot be installed: {installed.stderr.strip()[-500:]}", file=sys.stderr)
            sys.exit(SKIPPED)
        stamp.write_text(wanted)

    def validate(self, document: pathlib.Path) -> None:
        done = subprocess.run([self.bin / "python", "-m", "openapi_spec_validator", str(document)],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            fail(f"the document is not as OpenAPI 3.1 says:\n{done.stdout}{done.stderr}")

    def run(self, node: Node, url: str, folder: pathlib.Path, seed: int, examples: int, operation: str,
            is_first: bool, reasons: bool) -> int:
        """One run; how many requests it sent."""
        counter = folder / f"count-{seed}"
        configuration = folder / "schemathesis.toml"
        configuration.write_text(
            "[checks.positive_data_acceptance]\n"
            f"expected-statuses = {json.dumps(ACCEPTED)}\n"
            "[checks.negative_data_rejection]\n"
            f"expected-statuses = {json.dumps(REFUSED)}\n"
            # DELETE cancels an operation, which is shown afterwards, too.
            "[[operations]]\n"
            'include-path-regex = "^/api/v1/operations/"\n'
            "[operations.checks.use_after_free]\n"
            "enabled = false\n")
        words = [self.bin / "schemathesis", "--config-file", configuration, "run", url + "/openapi.json", "--header",
                 f"Authorization: Bearer {node.token}", "--seed", str(seed), "--max-examples", str(examples),
                 "--request-timeout", "60", "--generation-database", "none", "--continue-on-failure",
                 "--suppress-health-check", "all", "--no-color", "--warnings", "off"]
        if not is_first:  # every bound of every field is the same in each run
            words += ["--phases", "fuzzing,stateful"]
        for one in LEFT_OUT:
            words += ["--exclude-operation-id", one]
        if operation:
            words += ["--include-operation-id", operation]
        variables = {**os.environ, "SCHEMATHESIS_HOOKS": "fuzz_rest_hooks", "PYTHONPATH": str(HERE),
                     "PYTHONDONTWRITEBYTECODE": "1", "GESTVENV_REQUEST_COUNTER": str(counter),
                     "GESTVENV_FUZZED_NODE": url, "GESTVENV_FUZZ_TOKEN": node.token}
        if reasons:
            variables["GESTVENV_FUZZ_REASONS"] = "1"
        done = subprocess.run(words, env=variables, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            print(done.stdout)
            print(f"--- the node's log\n{node.last_lines()}")
            fail(f"seed {seed} found what is wrong")
        return int(counter.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the gestvenv to test")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=400, help="for an operation, in one run")
    parser.add_argument("--operation", default="", help="only this one, by its operationId")
    parser.add_argument("--reasons", action="store_true", help="look at the reasons of refusals, too")
    options = parser.parse_args()
    tool = Schemathesis()
    with tempfile.TemporaryDirectory(prefix="tgv-schemathesis-") as name:
        folder = pathlib.Path(name)
        node = Node(str(pathlib.Path(options.program).resolve()), folder)
        try:
            url = node.address()
            document = folder / "openapi.json"
            document.write_bytes(node.get(url + "/openapi.json"))
            tool.validate(document)
            sent, seed, began = 0, options.seed, time.monotonic()
            while sent < options.requests:
                sent += tool.run(node, url, folder, seed, options.examples, options.operation,
                                 seed == options.seed, options.reasons)
                if not node.lives():
                    fail(f"the node has ended:\n{node.last_lines()}")
                print(f"seed {seed}: {sent} requests in {time.monotonic() - began:.0f} s", flush=True)
                seed += 1
        finally:
            status = node.end()
        if status != 0:
            fail(f"the node ended with status {status}:\n{node.last_lines()}")
        print(f"{sent} requests, and nothing was wrong")


if __name__ == "__main__":
    main()
