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

from living_node import (ENVIRONMENTS, PATIENCE, Node, eventually, figure, proportional_memory, run_all, running)


def test_a_reader_that_stops_makes_its_command_wait_and_no_one_else(folder):
    with Node(folder) as node:
        node.create(name="a", resource_limits={"max_processes": 50})
        connection = node.connection()
        connection.request("POST", f"{ENVIRONMENTS}/a/execute",
                           json.dumps({"text": "head -c 10000000000 /dev/zero"}),
                           {"Content-Type": "application/json", "Accept": "text/event-stream"})
        connection.sock.recv(1000)
        # As much as the node takes of it without a reader, it has taken when nothing changes any more.
        seen = [0.0]

        def settled():
            seen.append(proportional_memory(node.process.pid))
            return len(seen) > 20 and max(seen[-20:]) - min(seen[-20:]) < 0.5

        eventually(settled, "the node takes no more memory for output that is not read")
        figure(f"PSS of the node with a reader stopped in the middle of 10 GB: {max(seen):.1f} MB")
        assert max(seen) < 100, f"{max(seen)} MB"
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
        storages = [one["host_path"] for one in node.ask("GET", ENVIRONMENTS)[1]["items"]]
        began = time.monotonic()
        node.process.kill()
        node.process.wait()
        eventually(lambda: not running(word), "the commands end with the node")
        quiet = time.monotonic() - began
        eventually(lambda: not any(map(os.path.exists, storages)), "the storages go with the node")
        figure(f"killed under 32 clients: no process after {quiet * 1000:.0f} ms, no storage after "
               f"{(time.monotonic() - began) * 1000:.0f} ms")
        assert {future.result() for future in futures} == {"lost"}
    node.log.close()

    def next_start_leaves_nothing():
        with Node(folder) as again:
            assert again.names() == []
        assert not os.path.exists(again.socket)
        folders = [path.name for path in (pathlib.Path(folder) / "state/gestvenv").iterdir() if path.is_dir()]
        return set(folders) <= {"spare", "spare-root"} # kept for the next start, with nothing in use

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
        figure(f"PSS of the node with 1,000 streams of events: {proportional_memory(node.process.pid):.1f} MB")
        node.create(name="heard")
        for one in streams:
            seen = b""
            while b"environment_ready" not in seen:
                seen += one.recv(65536)
            one.close()


def test_a_thousand_clients_at_once_are_all_answered(folder):
    config = pathlib.Path(folder) / "config.toml"
    config.write_text("[ephemeral]\nmax_concurrent = 2000\n")
    with Node(folder, "--config", str(config)) as node:
        for number in range(4):  # of 512 processes each
            node.create(name=f"e{number}", ttl=600)
        body = json.dumps({"text": "true"})
        requests = {
            "a list": lambda _: "GET /api/v1/ephemeral/environments?limit=1 HTTP/1.1\r\nHost: x\r\n\r\n",
            "a command": lambda number: f"POST {ENVIRONMENTS}/e{number % 4}/execute HTTP/1.1\r\nHost: x\r\n"
                                        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}",
        }
        clients = []
        for _ in range(1000):
            one = socket.socket(socket.AF_UNIX)
            one.settimeout(4 * PATIENCE)
            one.connect(node.socket)
            clients.append(one)
        for what, request in requests.items():
            began = time.monotonic()
            for number, one in enumerate(clients):
                one.sendall(request(number).encode())
            statuses = {}
            for one in clients:
                answer = b""
                while b"\r\n\r\n" not in answer:
                    piece = one.recv(65536)
                    assert piece, f"a client was cut off at {what}"
                    answer += piece
                head, _, rest = answer.partition(b"\r\n\r\n")
                left = int(re.search(rb"Content-Length: (\d+)", head)[1]) - len(rest)
                while left > 0:
                    left -= len(one.recv(min(left, 65536)))
                status = int(head.split()[1])
                statuses[status] = statuses.get(status, 0) + 1
            figure(f"1,000 clients at once, {what} each: {statuses} in {time.monotonic() - began:.2f} s, PSS "
                   f"{proportional_memory(node.process.pid):.1f} MB")
            # Those beyond a limit are told so, and may come again.
            assert set(statuses) <= {200, 429, 503} and statuses[200] > 0, statuses
        for one in clients:
            one.close()
        eventually(lambda: node.ask("GET", "/ready")[0] == 200, "the node serves others")


def test_a_process_inside_an_environment_cannot_speak_to_the_node(folder):
    with Node(folder) as node:
        node.create(name="a", resource_limits={"max_processes": 50})
        script = (f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({node.socket!r}); "
                  "s.sendall(b'GET /api/v1/system/info HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'); print(len(s.recv(100)))")
        outside = subprocess.run(["python3", "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=True)
        assert int(outside.stdout) > 0, outside
        _, result, _ = node.ask("POST", f"{ENVIRONMENTS}/a/execute", {"arguments": ["python", "-c", script]})
        closed = ("BrokenPipeError", "ConnectionResetError")
        assert result["stdout"] == "0\n" or any(one in result["stderr"] for one in closed), result


if __name__ == "__main__":
    sys.exit(run_all(globals()))
