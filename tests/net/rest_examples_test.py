#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Types the examples of docs/rest.md, in their order and in one shell: rest_examples_test.py GESTVENV DOCUMENT

A curl that is answered with an error fails, unless the document shows that error. What the document shows of an answer is
in it: the same members, and the same numbers and words but for what differs from run to run.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
DOCUMENT = pathlib.Path(sys.argv[2])
PATIENCE = 120
# What a stream that does not end by itself is given, in seconds.
STREAMED = 3

# A name of its own in PATH: as typed, but a status of 400 or more is one of curl's failures, and a stream ends.
CURL = """#!/bin/bash
for word; do
    if [ "$word" = -N ]; then
        /usr/bin/env PATH="$REAL_PATH" curl -sS --fail-with-body --max-time %d "$@"
        status=$?
        [ $status = 28 ] && exit 0
        exit $status
    fi
done
exec /usr/bin/env PATH="$REAL_PATH" curl -sS --fail-with-body "$@"
""" % STREAMED


def blocks(text):
    """Pairs of an example and what is shown of its last answer, or None."""
    found = []
    fence = None
    indented = False
    for line in text.splitlines():
        if line.startswith("```"):
            if fence is None:
                assert found and found[-1][1] is None, f"an answer without an example: {line}"
                fence = found[-1][1] = [line[3:], ""]
            else:
                fence = None
        elif fence is not None:
            fence[1] += line + "\n"
        elif line.startswith("    "):
            if not indented:
                found.append(["", None])
            found[-1][0] += line[4:] + "\n"
        indented = fence is None and line.startswith("    ")
    return found


def check_member(shown, real, where):
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert isinstance(real, dict) and name in real, f"{where} has no member {name}: {real}"
            check_member(value, real[name], f"{where}.{name}")
    elif isinstance(shown, list):
        assert isinstance(real, list) and len(real) >= len(shown), f"{where} is not {shown}: {real}"
        for one, other in zip(shown, real):
            check_member(one, other, where)
    elif isinstance(shown, float):
        assert isinstance(real, (int, float)), f"{where} is not a number: {real}"
    elif shown == "...":
        assert isinstance(real, str) and real, f"{where} is not a text: {real}"
    elif isinstance(shown, str) and re.fullmatch(r"[0-9.]+", shown):
        assert re.match(r"[0-9.]+", real), f"{where} is not a version: {real}"
    else:
        assert shown == real, f"{where} is {real!r}, not {shown!r}"


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def main():
    examples = blocks(DOCUMENT.read_text())
    assert len(examples) > 15, f"only {len(examples)} examples were found"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in ("bin", "run", "work", "out"):
            (folder / part).mkdir(mode=0o700)
        (folder / "bin/curl").write_text(CURL)
        (folder / "bin/curl").chmod(0o700)
        (folder / "bin/gestvenv").symlink_to(PROGRAM)
        script = "set -o pipefail\n"
        for number, (lines, shown) in enumerate(examples):
            # The port may be taken on this machine.
            is_error = shown is not None and shown[0] == "json" and '"type": "about:blank"' in shown[1]
            script += f"exec >'{folder}/out/{number}' 2>'{folder}/out/{number}.err'\n"
            commands = re.split(r"(?<!\\)\n", lines.strip())
            for command in commands:
                # Each answer begins with a line of its own.
                failed = f"{{ echo {number} $? >'{folder}/failed'; exit 1; }}"
                script += f"printf '\\036'\n{command}\n[ $? {'!=' if is_error else '='} 0 ] || {failed}\n"
        script = script.replace("127.0.0.1:8080", f"127.0.0.1:{free_port()}")
        variables = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "REAL_PATH": os.environ["PATH"],
                     "XDG_RUNTIME_DIR": f"{folder}/run", "XDG_STATE_HOME": f"{folder}/state"}
        for unwanted in ("GESTVENV_NODE", "GESTVENV_TOKEN", "GESTVENV_TOKEN_FILE"):
            variables.pop(unwanted, None)
        try:
            subprocess.run(["bash", "-c", script], env=variables, cwd=folder / "work", stdin=subprocess.DEVNULL,
                           timeout=PATIENCE)
            check(folder, examples)
        finally:
            subprocess.run([PROGRAM, "node", "stop"], env=variables, capture_output=True, timeout=PATIENCE)
    print(f"{len(examples)} examples are true as typed")


def check(folder, examples):
    failed = folder / "failed"
    if failed.exists():
        number, status = failed.read_text().split()
        sys.exit(f"this example ends with status {status}:\n{examples[int(number)][0]}"
                 f"{(folder / 'out' / number).read_text(errors='replace')}"
                 f"{(folder / 'out' / (number + '.err')).read_text(errors='replace')}")
    for number, (lines, shown) in enumerate(examples):
        output = folder / "out" / str(number)
        assert output.exists(), f"this example was not reached:\n{lines}"
        if shown is None:
            continue
        language, text = shown
        answer = output.read_text().split("\036")[-1]
        if language == "json":
            check_member(json.loads(text), json.loads(answer), "the answer")
        else:
            for line in text.strip().splitlines():
                assert line in answer, f"`{line}` is not in the answer:\n{answer}"


main()
