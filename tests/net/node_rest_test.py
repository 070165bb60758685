#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A living node and its REST interface, over real sockets: node_rest_test.py GESTVENV [NAME...]

Each function `test_...` has a node of its own, in folders of its own.
"""

import concurrent.futures
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import time

from living_node import ENVIRONMENTS, PATIENCE, PROGRAM, Node, eventually, run_all, running


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


def test_the_processes_of_an_environment_are_listed_without_the_secrets_in_their_command_lines(folder):
    with Node(folder) as node:
        node.create(name="a", ttl=600)
        path = f"{ENVIRONMENTS}/a/processes"
        assert node.ask("GET", path)[1]["processes"] == []
        status, _, _ = node.ask("POST", f"{ENVIRONMENTS}/a/execute?wait=false", {
            "arguments": ["sh", "-c", "sleep 600 & sleep 601 & wait", "--password", "planted-secret"]})
        assert status == 202

        lines = {"sleep 600", "sleep 601"}
        # The kernel counts the first pages of a program a little later than they are there.
        eventually(lambda: lines <= {one["command_line"] for one in node.ask("GET", path)[1]["processes"]
                                     if one["memory_bytes"] > 0}, "both commands are listed with their memory")
        told = node.ask("GET", path)[1]
        assert len(told["processes"]) == told["total"]
        shell = next(one for one in told["processes"] if "--password" in one["command_line"])
        assert shell["command_line"].endswith("--password ****"), shell
        assert "planted-secret" not in json.dumps(told)
        sleeper = next(one for one in told["processes"] if one["command_line"] == "sleep 601")
        assert sleeper["parent_pid"] == shell["pid"], told
        assert pathlib.Path(f"/proc/{sleeper['pid']}/comm").read_text() == "sleep\n"
        cut = node.ask("GET", path + "?most=1")[1]
        assert len(cut["processes"]) == 1 and cut["total"] == told["total"], cut
        for wrong in ("?most=0", "?most=501", "?most=x"):
            status, problem, _ = node.ask("GET", path + wrong)
            assert status == 400, (wrong, problem)
        assert node.ask("GET", f"{ENVIRONMENTS}/missing/processes")[0] == 404


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


def test_lists_come_in_pages_that_follow_each_other(folder):
    def pages(path, id_of):
        found, cursor = [], ""
        while True:
            page = node.ask("GET", f"{path}?limit=2{cursor}")[1]
            found.append([id_of(one) for one in page["items"]])
            if page["next"] is None:
                return found
            assert page["next"] == found[-1][-1], page
            cursor = f"&cursor={page['next']}"

    with Node(folder) as node:
        ids = [node.create(name=name)["id"] for name in ("a", "b", "c")]
        assert pages(ENVIRONMENTS, lambda one: one["id"]) == [ids[:2], ids[2:]]
        # The item that a page ended with has gone meanwhile.
        assert node.ask("GET", f"{ENVIRONMENTS}?cursor=gone")[1] == {"items": [], "next": None}
        operations = pages("/api/v1/operations", lambda one: one["id"])
        assert [len(one) for one in operations] == [2, 1] and len({*operations[0], *operations[1]}) == 3, operations
        for name in ("a", "b", "c"):
            assert node.ask("DELETE", f"{ENVIRONMENTS}/{name}")[0] == 200
        receipts = pages("/api/v1/ephemeral/receipts", lambda one: one["environment_id"])
        assert [len(one) for one in receipts] == [2, 1] and {*receipts[0], *receipts[1]} == {*ids}, receipts
        assert node.ask("GET", ENVIRONMENTS)[1] == {"items": [], "next": None}


def test_a_client_has_the_node_started_by_the_service_manager_that_listens_for_it(folder):
    runtime = pathlib.Path(folder) / "runtime"
    (runtime / "gestvenv").mkdir(parents=True, mode=0o700)
    runtime.chmod(0o700)
    variables = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "XDG_STATE_HOME": str(pathlib.Path(folder) / "state")}
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(runtime / "gestvenv/node.sock"))
    listening.listen()

    def start_when_used():  # as systemd.socket(5) has it
        select.select([listening], [], [], PATIENCE)
        script = f'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" node start --foreground 3<&{listening.fileno()}'
        return subprocess.Popen(["sh", "-c", script, PROGRAM], env=variables, pass_fds=[listening.fileno()],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        starting = pool.submit(start_when_used)
        made = subprocess.run([PROGRAM, "ephemeral", "create", "e"], env=variables, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
        node = starting.result()
    try:
        assert made.returncode == 0 and "started a node" not in made.stderr, made
        status = subprocess.run([PROGRAM, "node", "status"], env=variables, capture_output=True, text=True,
                                stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
        assert str(node.pid) in status.stdout, (node.pid, status)
    finally:
        node.terminate()
        assert node.wait(PATIENCE) == 0
    # The socket stays, and after its listener's end nothing is at it: a node is started as ever.
    listening.close()
    made = subprocess.run([PROGRAM, "ephemeral", "create", "e"], env=variables, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
    assert made.returncode == 0 and "started a node" in made.stderr, made
    stopped = subprocess.run([PROGRAM, "node", "stop"], env=variables, capture_output=True, timeout=PATIENCE, check=False)
    assert stopped.returncode == 0, stopped


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
                           json.dumps({"text": "mkfifo gate; echo first; read line < gate; echo second", "shell": True}),
                           {"Content-Type": "application/json", "Accept": "text/event-stream"})
        answer = connection.getresponse()
        seen = b""
        while b'"text":"first\\n"' not in seen:
            piece = answer.read1(4096)
            assert piece, seen
            seen += piece
        assert b"second" not in seen
        connection.close()
        answer.close()


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


def test_all_output_of_a_command_comes_however_its_client_reads_and_whatever_it_is(folder):
    # Each byte of it takes six letters in an event, and most of it comes when the command has ended.
    size = 3_000_000
    with Node(folder) as node:
        node.create(name="a")
        for options in ({}, {"memory_limit": 0, "output_limit": 0}):
            connection = node.connection()
            connection.request("POST", f"{ENVIRONMENTS}/a/execute",
                               json.dumps({"text": f"head -c {size} /dev/zero", **options}),
                               {"Content-Type": "application/json", "Accept": "text/event-stream"})
            answer = connection.getresponse()
            seen, names = 0, []
            for line in answer:
                if line.startswith(b"event: "):
                    names.append(line[7:].strip())
                elif line.startswith(b"data: ") and names[-1] == b"output":
                    seen += len(json.loads(line[6:])["text"])
            assert seen == size and names[-1] == b"end" and b"gap" not in names, (seen, names[-1], set(names))
            connection.close()


def test_a_command_of_the_command_line_is_an_operation_that_is_listed_followed_and_cancelled(folder):
    with Node(folder) as node:
        node.create(name="a", ttl=600)
        started = subprocess.Popen([PROGRAM, "run", "--env", "a", "--output-limit", "1M", "--", "sh", "-c",
                                    "echo begun; exec sleep 600"], env=node.variables, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        def of_now():
            return [one for one in node.ask("GET", "/api/v1/operations")[1]["items"] if one["status"] == "running"]

        eventually(of_now, "the command is listed")
        (operation,) = of_now()
        assert operation["kind"] == "execute", operation
        connection = node.connection()
        connection.request("GET", f"/api/v1/operations/{operation['id']}/output")
        answer = connection.getresponse()
        seen = b""
        while b"begun" not in seen:
            piece = answer.read1(4096)
            assert piece, seen
            seen += piece
        assert node.ask("DELETE", f"/api/v1/operations/{operation['id']}")[0] == 204
        out, _ = started.communicate(timeout=PATIENCE)
        assert started.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM) and out == "begun\n", (started, out)
        seen += answer.read()
        assert b"event: end" in seen and b'"cancelled"' in seen, seen
        eventually(lambda: not of_now(), "the operation has ended")
        connection.close()
        # With streams of its caller's nothing passes through the node: there is an operation all the same.
        done = node.command("run", "--env", "a", "echo", "direct")
        assert done.stdout == "direct\n"
        last = node.ask("GET", "/api/v1/operations?limit=1")[1]["items"][0]
        assert (last["kind"], last["status"], last["result"]["returncode"]) == ("execute", "succeeded", 0), last


if __name__ == "__main__":
    sys.exit(run_all(globals()))
