# SPDX-License-Identifier: MIT
"""What schemathesis must know of a node beyond its document (loaded by it; see tests/net/fuzz_rest.py)."""

import atexit
import json
import os
import re
import urllib.error
import urllib.request

import schemathesis

sent = 0

# An environment that half of the requests name: names at random find none.
STANDING = "standing"
# Seconds.
SHORTEST_LIFE = 3600

# Refusals that a schema cannot express (net/rest/schema_bounds.hpp): between fields, of bytes, of languages in texts.
BEYOND_A_SCHEMA = [
    r"^max_threads \d+ is less than max_processes",
    r"^`.*` is no version of Python and no path$",
    r"^`.*` is no range of versions",
    r"^cannot start .* in .*: No such file or directory$",
    r"^the soft limit of \w+ is above the hard one",
    r"^`.*` is no package: ",
    r"^the command holds .* which only a shell understands$",
    r"^the (single|double) quote at character \d+ is never closed$",
    r"^the command begins with an assignment at character \d+",
    r"^the command is empty$",
    r"^the command ends in a backslash$",
    # What the path leads to, and what is in an archive.
    r" (is an absolute path|has a NUL in it|has `\.\.` in it|leads out of the environment's work folder)$",
    r" (is longer than \d+ bytes|has a part of more than \d+ bytes|is more than \d+ folders deep)$",
    r" is (no folder|a folder|a file, not a folder|a [\w ]+, neither a regular file nor a folder)$",
    r"^the tar archive cannot be read|^the entry .* of the archive is refused: ",
    r"^the cursor is none that an answer had$",
    r"^the request does not ask for a WebSocket$",
    r"^the environment's work folder itself cannot be replaced$",  # without ?path=
    r"^a session that can be left is reached over the node's Unix socket alone$",
    r"^the path of a (project|requirements file) must be absolute: ",  # without a folder to start from
]


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def make_standing() -> None:
    asked = urllib.request.Request(
        os.environ["GESTVENV_FUZZED_NODE"] + "/api/v1/ephemeral/environments", method="POST",
        data=json.dumps({"name": STANDING, "ttl": "unlimited", "max_idle_time": "unlimited"}).encode(),
        headers={"Content-Type": "application/json", "Authorization": "Bearer " + os.environ["GESTVENV_FUZZ_TOKEN"]})
    try:
        urllib.request.urlopen(asked, timeout=60).close()
    except urllib.error.HTTPError as problem:
        problem.close()  # it is there, or there is no room now


def may_name_standing(case) -> bool:
    """Not where the end of an environment is followed: what is gone must stay so."""
    meta = case.meta
    return (meta is not None and meta.generation.mode.is_positive and meta.phase.name.value != "stateful"
            and "env" in (case.path_parameters or {}) and case.method != "DELETE")


def keep_from_ending(case) -> None:
    """A download is cut short where its environment ends meanwhile, which is right there and an error here. Those that
    fuzzed requests have made may end at any time: by their time to live, or since their creation fails."""
    env = (case.path_parameters or {}).get("env")
    if (case.method == "GET" and case.path.endswith("/{env}/files") and isinstance(env, str) and env != STANDING
            and case.meta is not None and case.meta.phase.name.value != "stateful"):
        case.path_parameters["env"] = "none-" + env


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Takes out what would keep a request waiting for ever, or is impossible over TCP."""
    global sent
    if sent % 100 == 0:
        make_standing()
    sent += 1
    if sent % 2 == 0 and may_name_standing(case):
        case.path_parameters["env"] = STANDING
    keep_from_ending(case)
    query = case.query or {}
    if query.get("hold") in (True, "true", "1"):  # the answer goes on as long as the environment lives
        del query["hold"]
    if re.fullmatch(r"[1-9]\d{0,6}", str(query.get("owner_pid", ""))):  # of this machine alone
        del query["owner_pid"]
    if case.meta is not None and case.meta.phase.name.value == "stateful":
        case.headers.pop("Idempotency-Key", None)  # an answer of before may name an environment that has ended
    body = case.body
    if isinstance(body, dict):
        # What ends by itself between two requests is missed on a slow machine.
        for life in ("ttl", "max_idle_time"):
            if is_number(body.get(life)) and 0 < body[life] < SHORTEST_LIFE:
                body[life] = SHORTEST_LIFE
        wait = body.get("wait_for_room")  # up to ten years
        if is_number(wait) and wait > 0.01:
            body["wait_for_room"] = 0.01
        if body.get("shell") is True:  # what comes of `>a` shall lie in the environment
            body.pop("working_directory", None)


@schemathesis.check
def refused_for_a_known_reason(ctx, response, case) -> None:
    """Valid data is refused (400) only for what no schema can say."""
    meta = case.meta
    if "GESTVENV_FUZZ_REASONS" not in os.environ or meta is None or not meta.generation.mode.is_positive or response.status_code != 400:
        return
    detail = str(response.json().get("detail", ""))
    assert any(re.search(pattern, detail, re.DOTALL) for pattern in BEYOND_A_SCHEMA), f"valid data was refused: {detail}"


@atexit.register
def write_count() -> None:
    with open(os.environ["GESTVENV_REQUEST_COUNTER"], "w", encoding="ascii") as counter:
        counter.write(str(sent))
