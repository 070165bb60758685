#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A living node and its REST interface, over real sockets: node_rest_test.py GESTVENV [NAME...]

Each function `test_...` has a node of its own, in folders of its own.
"""

import concurrent.futures
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
import threading
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


def running(word):
    return subprocess.run(["pgrep", "-f", word], capture_output=True).returncode == 0


def test_an_environment_is_made_used_and_ended_with_its_receipt(folder):
    with Node(folder) as node:
        made = node.create(name="a", ttl=600)
        assert made["status"] == "ready" and made["name"] == "a"
        status, result, _ = node.ask("POST", f"{ENVIRONMENTS}/a/execute", {"text": "python -c 'print(6 * 7)'"})
        assert (status, result["stdout"], result["returncode"]) == (200, "42\n", 0)
        assert node.ask("GET", f"{ENVIRONMENTS}/{made['id'][:8]}")[1]["id"] == made["id"]
        status, receipt, _ = node.ask("DELETE", f"{ENVIRONMENTS}/a")
        assert status == 200 and receipt["residue"] == [] and receipt["reason"] == "requested"
        status, problem, headers = node.ask("GET", f"{ENVIRONMENTS}/a")
        assert status == 404 and problem["exception"] == "EnvironmentNotFoundException"
        assert headers["Content-Type"] == "application/problem+json"


def test_the_second_creation_at_the_limit_is_refused_and_none_waits(folder):
    config = pathlib.Path(folder) / "config.toml"
    config.write_text("[ephemeral]\nmax_concurrent = 2\n")
    with Node(folder, "--config", str(config)) as node:
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda i: node.ask("POST", ENVIRONMENTS, {"name": f"e{i}"}), range(6)))
        statuses = sorted(status for status, _, _ in answers)
        assert statuses == [201, 201, 429, 429, 429, 429], statuses
        refused = next(problem for status, problem, _ in answers if status == 429)
        assert refused["exception"] == "ResourceExhaustedException"


def test_the_same_key_has_the_same_answer_and_makes_one_environment(folder):
    with Node(folder) as node:
        keyed = {"Idempotency-Key": "k1"}
        first = node.ask("POST", ENVIRONMENTS, {"ttl": 600}, keyed)
        again = node.ask("POST", ENVIRONMENTS, {"ttl": 600}, keyed)
        assert first[0] == again[0] == 201 and first[1]["id"] == again[1]["id"]
        assert again[2]["Idempotency-Replayed"] == "true"
        status, problem, _ = node.ask("POST", ENVIRONMENTS, {"ttl": 601}, keyed)
        assert status == 409 and problem["code"] == "request_conflict"
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            ids = {node.ask("POST", ENVIRONMENTS, {"name": "once"}, {"Idempotency-Key": "k2"})[1]["id"]
                   for _ in pool.map(lambda _: 0, range(1))}
            ids |= {one[1]["id"] for one in pool.map(
                lambda _: node.ask("POST", ENVIRONMENTS, {"name": "once"}, {"Idempotency-Key": "k2"}), range(8))}
        assert len(ids) == 1 and len(node.names()) == 2


def test_a_command_ends_with_its_client_unless_it_was_asked_to_stay(folder):
    with Node(folder) as node:
        node.create(name="a")
        for query, stays in (("", False), ("?stay=true", True)):
            word = f"sleep 7{os.getpid() % 1000:03}.{1 if stays else 0}"
            connection = node.connection()
            connection.request("POST", f"{ENVIRONMENTS}/a/execute{query}", json.dumps({"text": word}),
                               {"Content-Type": "application/json"})
            eventually(lambda: running(word), "the command runs")
            connection.close()
            if not stays:
                eventually(lambda: not running(word), "the command ends with its client")
            else:
                time.sleep(0.3)
                assert running(word)
                operation = next(one for one in node.ask("GET", "/api/v1/operations")[1]["items"]
                                 if one["status"] == "running")
                assert node.ask("DELETE", f"/api/v1/operations/{operation['id']}")[0] == 204
                eventually(lambda: not running(word), "a cancelled command ends")
                status, shown, _ = node.ask("GET", f"/api/v1/operations/{operation['id']}")
                eventually(lambda: node.ask("GET", f"/api/v1/operations/{operation['id']}")[1]["status"] == "cancelled",
                           "the operation is cancelled")


def test_an_environment_ends_with_its_owner_and_with_a_held_connection(folder):
    with Node(folder) as node:
        owner = subprocess.Popen(["sleep", "600"])
        made = node.ask("POST", f"{ENVIRONMENTS}?owner_pid={owner.pid}", {"name": "owned"})
        assert made[0] == 201, made
        connection = node.connection()
        connection.request("POST", f"{ENVIRONMENTS}?hold=true", json.dumps({"name": "held"}),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 201 and json.loads(answer.readline())["name"] == "held"
        assert node.names() == ["held", "owned"]
        connection.close()
        answer.close()
        eventually(lambda: node.names() == ["owned"], "the held environment ends with its connection")
        owner.kill()
        owner.wait()
        eventually(lambda: node.names() == [], "the owned environment ends with its owner")
        receipts = node.ask("GET", "/api/v1/ephemeral/receipts")[1]["items"]
        assert {one["reason"] for one in receipts} == {"owner_gone"}, receipts
        status, problem, _ = node.ask("POST", f"{ENVIRONMENTS}?owner_pid=4194303", {})
        assert status == 404, problem


def test_output_comes_while_the_command_runs_and_is_followed_by_others(folder):
    with Node(folder) as node:
        node.create(name="a")
        connection = node.connection()
        connection.request("POST", f"{ENVIRONMENTS}/a/execute",
                           json.dumps({"text": "echo first; read line < gate; echo second", "shell": True}),
                           {"Content-Type": "application/json", "Accept": "text/event-stream"})
        answer = connection.getresponse()
        seen = b""
        while b'"text":"first\\n"' not in seen:
            seen += answer.read1(4096)
        assert b"second" not in seen
        connection.close()
        answer.close()


def test_a_reader_that_stops_makes_its_command_wait_and_no_one_else(folder):
    with Node(folder) as node:
        node.create(name="a", resource_limits={"max_processes": 50})
        connection = node.connection()
        connection.request("POST", f"{ENVIRONMENTS}/a/execute",
                           json.dumps({"text": "head -c 10000000000 /dev/zero"}),
                           {"Content-Type": "application/json", "Accept": "text/event-stream"})
        connection.sock.recv(1000)
        before = node.process.pid
        time.sleep(1)
        resident = int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{before}/status").read_text())[1])
        assert resident < 100_000, f"{resident} kB"
        status, result, _ = node.ask("POST", f"{ENVIRONMENTS}/a/execute", {"text": "echo well"})
        assert (status, result["stdout"]) == (200, "well\n")
        connection.close()
        eventually(lambda: not running("head -c 10000000000"), "the command ends with its reader")


def test_tcp_wants_a_token_and_each_token_sees_its_own(folder):
    with Node(folder, "--listen", "127.0.0.1:0") as node:
        port = int(json.loads((node.folder / "state/gestvenv/node.json").read_text())["listens"][0].rsplit(":", 1)[1])

        def ask(method, path, token=None, body=None, host=None, extra=None):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            if host:
                headers["Host"] = host
            headers.update(extra or {})
            return node.ask(method, path, body, headers, connection)

        def token(name, right):
            made = node.command("token", "create", name, "--right", right)
            assert made.returncode == 0, made.stderr
            return made.stdout.split()[-1]

        reader, writer, other, admin = (token(name, right) for name, right in
                                        (("r", "read"), ("w", "write"), ("o", "write"), ("a", "admin")))
        assert ask("GET", "/health")[0] == 200
        assert ask("GET", ENVIRONMENTS)[0] == 401
        assert ask("GET", ENVIRONMENTS, "gvt_wrong")[0] == 401
        assert ask("GET", ENVIRONMENTS, reader)[0] == 200
        assert ask("POST", ENVIRONMENTS, reader, {})[0] == 403
        assert ask("POST", ENVIRONMENTS, writer, {"name": "mine"})[0] == 201
        assert ask("GET", f"{ENVIRONMENTS}/mine", other)[0] == 404
        assert ask("DELETE", f"{ENVIRONMENTS}/mine", other)[0] == 404
        assert ask("GET", ENVIRONMENTS, other)[1]["items"] == []
        assert ask("GET", f"{ENVIRONMENTS}/mine", admin)[0] == 200
        assert ask("GET", ENVIRONMENTS, writer, host="evil.example")[0] == 421
        assert ask("POST", ENVIRONMENTS, writer, {}, extra={"Origin": "http://evil.example"})[0] == 403
        assert node.command("token", "revoke", "w").returncode == 0
        assert ask("GET", ENVIRONMENTS, writer)[0] == 401
        stored = (node.folder / "state/gestvenv/tokens.json").read_text()
        assert reader not in stored and admin not in stored
        assert reader not in (node.folder / "log").read_text()


def test_it_refuses_to_listen_beyond_the_loopback_without_tls(folder):
    node = Node(folder, "--listen", "0.0.0.0:0")
    assert node.process.wait(PATIENCE) != 0
    assert "0.0.0.0:0" in node.answer and "--tls-certificate" in node.answer, node.answer
    node.log.close()


def test_bad_requests_are_problems_and_the_node_goes_on(folder):
    with Node(folder) as node:
        json_type = {"Content-Type": "application/json"}
        cases = [
            ("POST", ENVIRONMENTS, "{", json_type, 400),
            ("POST", ENVIRONMENTS, '{"colour": 1}', json_type, 400),
            ("POST", ENVIRONMENTS, '{"ttl": "long"}', json_type, 400),
            ("POST", ENVIRONMENTS, '{"name": "../x"}', json_type, 400),
            ("POST", ENVIRONMENTS, '{"requirements_file": "/dev/fd/5"}', json_type, 400),
            ("POST", ENVIRONMENTS, "{}", {"Content-Type": "text/plain"}, 415),
            ("POST", ENVIRONMENTS, "x" * (5 << 20), json_type, 413),
            ("PUT", ENVIRONMENTS, "{}", json_type, 405),
            ("GET", f"{ENVIRONMENTS}?limit=0", None, {}, 400),
            ("GET", f"{ENVIRONMENTS}?colour=1", None, {}, 400),
            ("GET", "/api/v1/../../etc/passwd", None, {}, 400),
            ("GET", f"{ENVIRONMENTS}/nothing", None, {}, 404),
            ("GET", "/api/v1/operations/nothing", None, {}, 404),
            ("GET", "/" + "x" * 20000, None, {}, 431),
        ]
        for method, path, body, headers, wanted in cases:
            status, problem, answered = node.ask(method, path, body, headers)
            assert status == wanted, (method, path[:60], status, problem)
            assert answered["Content-Type"] == "application/problem+json" and problem["status"] == wanted, problem
        assert node.ask("GET", "/ready")[0] == 200


def test_a_node_that_is_killed_under_32_clients_leaves_nothing_after_the_next_start(folder):
    word = f"sleep 6{os.getpid() % 1000:03}"
    node = Node(folder)
    for number in range(4):
        node.create(name=f"e{number}", resource_limits={"max_processes": 50})

    def work(number):
        try:
            node.ask("POST", f"{ENVIRONMENTS}/e{number % 4}/execute", {"text": word})
            return "answered"
        except (OSError, http.client.HTTPException):
            return "lost"

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        futures = [pool.submit(work, number) for number in range(32)]
        eventually(lambda: subprocess.run(["pgrep", "-fc", word], capture_output=True, text=True).stdout.strip() == "32",
                   "32 commands run")
        node.process.kill()
        node.process.wait()
        assert {future.result() for future in futures} == {"lost"}
    eventually(lambda: not running(word), "the commands end with the node")
    node.log.close()

    def next_start_leaves_nothing():
        with Node(folder) as again:
            assert again.names() == []
        assert not os.path.exists(again.socket)
        return [path for path in (pathlib.Path(folder) / "state/gestvenv").iterdir() if path.is_dir()] == []

    # A start passes over what the launcher of the killed node is still taking down.
    eventually(next_start_leaves_nothing, "the next start finishes what is left")


def test_the_configuration_is_read_again_on_sighup_and_says_what_it_cannot_take(folder):
    config = pathlib.Path(folder) / "config.toml"
    config.write_text("[ephemeral]\nmax_concurrent = 1\n")
    with Node(folder, "--config", str(config)) as node:
        node.create(name="a")
        assert node.ask("POST", ENVIRONMENTS, {})[0] == 429
        config.write_text("[ephemeral]\nmax_concurrent = 2\n")
        node.process.send_signal(signal.SIGHUP)
        eventually(lambda: node.ask("GET", "/api/v1/system/info")[1]["configuration"]["max_concurrent"] == 2,
                   "the new limit is in force")
        node.create(name="b")
        config.write_text("[ephemeral]\nmax_concurrent = 'many'\n")
        status, problem, _ = node.ask("POST", "/api/v1/system/reload")
        assert status == 400, problem
        assert node.ask("GET", "/ready")[0] == 200


def test_a_thousand_event_streams_hear_of_an_environment(folder):
    with Node(folder) as node:
        streams = []
        for _ in range(1000):
            one = socket.socket(socket.AF_UNIX)
            one.settimeout(PATIENCE)
            one.connect(node.socket)
            one.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
            streams.append(one)
        for one in streams:
            assert b"200 OK" in one.recv(4096)
        node.create(name="heard")
        for one in streams:
            seen = b""
            while b"environment_ready" not in seen:
                seen += one.recv(65536)
            one.close()


def test_a_process_inside_an_environment_cannot_speak_to_the_node(folder):
    with Node(folder) as node:
        node.create(name="a", resource_limits={"max_processes": 50})
        script = ("import socket; s = socket.socket(socket.AF_UNIX); s.connect(%r); "
                  "s.sendall(b'GET /api/v1/system/info HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'); print(len(s.recv(100)))")
        _, result, _ = node.ask("POST", f"{ENVIRONMENTS}/a/execute", {"arguments": ["python", "-c", script % node.socket]})
        assert result["stdout"] in ("", "0\n"), result


def main(scope=None):
    wanted = sys.argv[2:]
    tests = [(name, test) for name, test in (scope or globals()).items() if name.startswith("test_")
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


if __name__ == "__main__":
    sys.exit(main())
