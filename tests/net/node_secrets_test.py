#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Secrets in every place where a user may put one, looked for in all that a node writes, tells or shows:
node_secrets_test.py GESTVENV [NAME...]
"""

import json
import os
import pathlib
import socket
import subprocess
import sys

from living_node import ENVIRONMENTS, PATIENCE, PROGRAM, Node, eventually, run_all

#: The name of an environment that each test makes.
NO_SECRET = "openly-named"
#: Nothing listens there.
CLOSED_PORT = 9


def secret(place):
    """Told apart by the place in which it was planted, in a form that no encoding changes."""
    return f"planted{place}{os.getpid():08}x"


def told_by(node):
    """What the node answers to who asks for everything."""
    told = {}
    for path in ("/api/v1/events?most=1000", "/api/v1/operations?limit=1000", "/api/v1/ephemeral/receipts",
                 "/api/v1/system/tree", "/api/v1/system/info", "/api/v1/system/diagnostics", ENVIRONMENTS,
                 "/api/v1/ephemeral/stats"):
        status, value, _ = node.ask("GET", path)
        assert status == 200, (path, status, value)
        told[path] = json.dumps(value)
    for operation in node.ask("GET", "/api/v1/operations?limit=1000")[1]["items"]:
        told[f"operation {operation['id']}"] = json.dumps(node.ask("GET", f"/api/v1/operations/{operation['id']}")[1])
    return told


def written_by(node):
    """Every file of the node's: log, record, tokens, journals, archive."""
    written = {"log": (node.folder / "log").read_bytes()}
    for path in (node.folder / "state").rglob("*"):
        if path.is_file():
            written[str(path)] = path.read_bytes()
    assert any("journal" in name for name in written), list(written)
    return {name: text.decode(errors="replace") for name, text in written.items()}


def shown_of(node):
    """What ps(1) shows of the node and of all below it that is a program of ours."""
    shown = {}
    below = {node.process.pid}
    for _ in range(4):
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = folder.joinpath("cmdline").read_text(errors="replace").split("\0")
                parent = int(folder.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            # A launcher has no parent, and names the program that it belongs to.
            if os.path.basename(words[0]) == "gestvenv-launcher" and (parent in below or str(node.process.pid) in words):
                below.add(int(folder.name))
    assert len(below) >= 2, below  # with the launcher
    for pid in below:
        for name in ("cmdline", "environ"):
            try:
                shown[f"{name} of {pid}"] = pathlib.Path(f"/proc/{pid}/{name}").read_text(errors="replace")
            except OSError:
                pass
    return shown


def assert_nowhere(node, *planted):
    told, written = told_by(node), written_by(node)
    # What is no secret is found, or nothing would be.
    for places in (told, written):
        assert any(NO_SECRET in text for text in places.values()), list(places)
    for places in (told, written, shown_of(node)):
        for where, text in places.items():
            for one in planted:
                assert one not in text, f"{one} in {where}: {text[max(0, text.index(one) - 200):][:400]}"


def refused(node, *planted, body=None, headers=None, path=ENVIRONMENTS, method="POST"):
    status, problem, _ = node.ask(method, path, body, headers)
    assert status >= 400, (status, problem)
    for one in planted:
        assert one not in json.dumps(problem) if isinstance(problem, dict) else one not in str(problem), problem


def test_a_variable_of_a_command_is_the_commands_alone(folder):
    planted = [secret(name) for name in ("variable", "passed", "file", "set", "input")]
    with Node(folder) as node:
        node.create(name=NO_SECRET, ttl=600)
        status, result, _ = node.ask("POST", f"{ENVIRONMENTS}/{NO_SECRET}/execute", {
            "text": "sh -c 'test -n \"$GIVEN\" && cat'", "variables": {"GIVEN": planted[0]},
            "standard_input": planted[4], "output_limit": 0})
        assert (status, result["returncode"]) == (200, 0), result
        variables = pathlib.Path(folder) / "variables"
        variables.write_text(f"FROM_FILE={planted[2]}\n")
        node.variables["PASSED"] = planted[1]
        node.variables["NOT_PASSED"] = planted[3]
        done = node.command("-v", "run", "--env", NO_SECRET, "--pass-env", "PASSED", "--env-file", str(variables), "--set-env",
                            f"SET={planted[3]}", "--", "sh", "-c", "test -n \"$PASSED$FROM_FILE$SET\" && sleep 0.2")
        assert done.returncode == 0, done.stderr
        for one in planted:
            assert one not in done.stderr
        assert_nowhere(node, *planted)
        node.ask("DELETE", f"{ENVIRONMENTS}/{NO_SECRET}?force=true")
        assert_nowhere(node, *planted)
    for text in [(pathlib.Path(folder) / "log").read_text()]:
        for one in planted:
            assert one not in text


def test_a_token_is_in_no_file_and_no_answer(folder):
    with Node(folder, "--listen", "127.0.0.1:0") as node:
        record = json.loads((node.folder / "state/gestvenv/node.json").read_text())
        address = record["listens"][0]
        token = node.command("token", "create", "t", "--right", "admin").stdout.strip()
        assert token.startswith("gvt_"), token
        node.variables["GESTVENV_TOKEN"] = token
        process = subprocess.Popen([PROGRAM, "ephemeral", "create", NO_SECRET, "--ttl", "600", "--node", address],
                                   env=node.variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        shown = ""
        while process.poll() is None:
            try:
                shown += pathlib.Path(f"/proc/{process.pid}/cmdline").read_text()
            except OSError:
                pass
        out, err = process.communicate()
        assert process.returncode == 0 and token not in out + err + shown, err
        wrong = secret("wrongtoken")
        for header in (f"Bearer gvt_{wrong}", f"Basic {wrong}", f"{wrong}", f"Bearer {token}{wrong}"):
            refused(node, wrong, token, headers={"Authorization": header}, body={})
        assert_nowhere(node, token, wrong, token.removeprefix("gvt_"))


def test_a_password_of_an_index_is_in_no_error_and_no_file(folder):
    planted = [secret(name) for name in ("indexvariable", "indexline", "indexextra", "indexpackage")]
    with Node(folder) as node:
        node.create(name=NO_SECRET, ttl=600)
        requirements = pathlib.Path(folder) / "requirements.txt"
        requirements.write_text(f"--index-url http://user:{planted[1]}@127.0.0.1:{CLOSED_PORT}/simple\nno-such-package\n")
        node.variables |= {"UV_INDEX_URL": f"http://user:{planted[0]}@127.0.0.1:{CLOSED_PORT}/simple",
                           "UV_DEFAULT_INDEX": f"http://user:{planted[0]}@127.0.0.1:{CLOSED_PORT}/simple",
                           "PIP_INDEX_URL": f"http://user:{planted[0]}@127.0.0.1:{CLOSED_PORT}/simple",
                           "PIP_EXTRA_INDEX_URL": f"http://user:{planted[2]}@127.0.0.1:{CLOSED_PORT}/simple",
                           "PIP_RETRIES": "0", "UV_HTTP_TIMEOUT": "1", "UV_HTTP_RETRIES": "0"}
        direct = f"x @ http://user:{planted[3]}@127.0.0.1:{CLOSED_PORT}/x-1.0-py3-none-any.whl"
        for backend, words in (("uv", ["--packages", "no-such-package"]), ("pip", ["--packages", "no-such-package"]),
                               ("uv", ["--requirements", str(requirements)]), ("uv", ["--packages", direct]),
                               ("pip", ["--requirements", str(requirements)])):
            done = node.command("-v", "ephemeral", "create", f"e-{backend}", "--backend", backend, *words)
            assert done.returncode != 0 and "error:" in done.stderr, done.stderr
            for one in planted:
                assert one not in done.stderr + done.stdout, (backend, words, done.stderr)
        assert_nowhere(node, *planted)


def test_what_is_refused_is_not_repeated(folder):
    planted = secret("body")
    with Node(folder) as node:
        node.create(name=NO_SECRET, ttl=600)
        kind = {"Content-Type": "application/json"}
        for body in (f'{{"variables": {{"A": "{planted}"}}, ', f'{{"variables": {{"A": "{planted}"}}, "colour": 1}}',
                     f'{{"text": "true", "variables": {{"A B=": "{planted}"}}}}',
                     f'{{"text": "true", "variables": {{"A": ["{planted}"]}}}}',
                     f'{{"text": "true", "variables": "{planted}"}}', f'{{"text": "true", "{planted}', f'"{planted}'):
            refused(node, planted, body=body, headers=kind, path=f"{ENVIRONMENTS}/{NO_SECRET}/execute")
        refused(node, planted, body="{}", headers={**kind, "Cookie": planted, "Authorization": planted})
        raw = socket.socket(socket.AF_UNIX)
        raw.settimeout(PATIENCE)
        raw.connect(node.socket)
        raw.sendall(f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {planted}\r\nX: {'y' * 70000}\r\n\r\n".encode())
        raw.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := raw.recv(65536):
            answer += piece
        assert answer.startswith(b"HTTP/1.1 4") and planted.encode() not in answer, answer[:200]
        assert_nowhere(node, planted)


def test_the_variables_of_who_starts_a_node_are_not_its_own(folder):
    planted = secret("starter")
    variables = {"API_KEY": planted, "AWS_SECRET_ACCESS_KEY": planted, "GESTVENV_TOKEN": planted}
    place = Node.__new__(Node)
    place.folder = pathlib.Path(folder)
    (place.folder / "run").mkdir(mode=0o700)
    place.variables = {**os.environ, "XDG_RUNTIME_DIR": f"{folder}/run", "XDG_STATE_HOME": f"{folder}/state", **variables}
    started = place.command("ephemeral", "create", "a", "--ttl", "600")
    assert started.returncode == 0, started.stderr
    try:
        pid = json.loads((place.folder / "state/gestvenv/node.json").read_text())["pid"]
        eventually(lambda: "gestvenv" in pathlib.Path(f"/proc/{pid}/cmdline").read_text(), "the node runs")
        assert planted not in pathlib.Path(f"/proc/{pid}/environ").read_text()
        for path in (place.folder / "state").rglob("*"):
            assert not path.is_file() or planted.encode() not in path.read_bytes(), path
    finally:
        assert place.command("node", "stop").returncode == 0


if __name__ == "__main__":
    sys.exit(run_all(globals()))
