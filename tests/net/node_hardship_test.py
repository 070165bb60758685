#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A living node under bad clients, many clients, and kills: node_hardship_test.py GESTVENV [NAME...]

Each function `test_...` has a node of its own, in folders of its own.
"""

import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

from living_node import ENVIRONMENTS, PATIENCE, Node, eventually, run_all, running


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


if __name__ == "__main__":
    sys.exit(run_all(globals()))
