#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The traces and logs of a living node, and no secret in them: node_observability_test.py GESTVENV [NAME...]"""

import json
import pathlib
import socket
import subprocess
import sys
import threading
import time

from living_node import ENVIRONMENTS, PATIENCE, PROGRAM, Node, eventually, run_all
from node_telemetry import Collector, configured, metrics, value, wheel


def lines(node):
    """Of a log in JSON."""
    return [json.loads(line) for line in (node.folder / "log").read_text().splitlines()]


def attributes(span):
    return {one["key"]: one["value"]["stringValue"] for one in span["attributes"]}


def test_a_clients_trace_has_creation_installation_command_and_end_with_their_steps(folder):
    with Collector() as collector, Node(folder, *configured(folder), "--log-format", "json", "--log-level", "debug",
                                        variables={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
                                                   "OTEL_EXPORTER_OTLP_HEADERS": "x-key=opensesame%21",
                                                   "OTEL_SERVICE_NAME": "ci", "OTEL_RESOURCE_ATTRIBUTES": "team=a"}) as node:
        trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
        headers = {"traceparent": f"00-{trace}-{parent}-01"}
        assert node.ask("POST", ENVIRONMENTS, {"name": "a"}, headers)[0] == 201
        assert node.ask("POST", f"{ENVIRONMENTS}/a/install", {"packages": [wheel(folder)]}, headers)[0] == 200
        _, result, _ = node.ask("POST", f"{ENVIRONMENTS}/a/execute",
                                {"arguments": ["sh", "-c", "echo $TRACEPARENT"]}, headers)
        other = node.command("run", "--env", "a", "--", "sh", "-c", "echo $TRACEPARENT",
                             ).stdout
        assert node.ask("DELETE", f"{ENVIRONMENTS}/a", None, headers)[0] == 200
        eventually(lambda: collector.named("destroy"), "the spans arrive")
        operations = node.ask("GET", "/api/v1/operations")[1]["items"]
        whole = [span for span in collector.spans if span["traceId"] == trace]
        tops = {span["name"]: span for span in whole if span.get("parentSpanId") == parent}
        assert sorted(tops) == ["create", "destroy", "execute", "install"], [span["name"] for span in whole]
        steps = {name: sorted(span["name"] for span in whole if span.get("parentSpanId") == top["spanId"])
                 for name, top in tops.items()}
        assert steps["destroy"] == ["launcher: end"] and "command" in steps["execute"], steps
        assert "storage" in steps["create"] and "installer" in steps["install"] and "turn" in steps["install"], steps
        for span in whole:
            assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
            assert attributes(span)["gestvenv.environment.name"] == "a" and span["status"]["code"] == 1, span
        assert result["stdout"] == f"00-{trace}-{tops['execute']['spanId']}-01\n", result
        assert other == "\n", "a command of a client without a trace has none"
        operation = {attributes(tops[name]).get("gestvenv.operation.id") for name in ("create", "install", "execute")}
        assert operation <= {one["id"] for one in operations} and len(operation) == 3
        path, sent, _ = collector.requests[0]
        assert path == "/v1/traces" and sent["x-key"] == "opensesame!" and sent["Content-Type"] == "application/json"
        resource = {one["key"]: one["value"]["stringValue"] for one in collector.resources[0]["attributes"]}
        assert resource["service.name"] == "ci" and resource["team"] == "a", resource
        logged = [line for line in lines(node) if line.get("trace_id") == trace]
        assert {"environment created", "packages installed", "command ended", "environment gone"} <= {
            line["message"] for line in logged}, logged
        made = next(line for line in logged if line["message"] == "environment created")
        assert made["operation"] == attributes(tops["create"])["gestvenv.operation.id"] and made["environment"] == "a"
        assert value(metrics(node), "gestvenv_trace_spans_exported_total") >= len(whole)
        # What names no trace has one of its own, which follows the creation's.
        node.create(name="b")
        node.ask("DELETE", f"{ENVIRONMENTS}/b")
        eventually(lambda: len(collector.named("destroy")) == 2, "the spans of the second arrive")
        made, gone = collector.named("create")[1], collector.named("destroy")[1]
        assert "parentSpanId" not in made and made["traceId"] != trace
        assert gone["traceId"] != made["traceId"] and gone["links"][0]["spanId"] == made["spanId"], gone
        # A trace that is not to be recorded is not sent.
        node.ask("POST", ENVIRONMENTS, {"name": "c"}, {"traceparent": "00-11111111111111111111111111111111-2222222222222222-00"})
        node.create(name="d")
        eventually(lambda: len(collector.named("create")) == 3, "the last creation arrives")
        assert "1" * 32 not in {span["traceId"] for span in collector.spans}


def test_a_collector_that_fails_costs_spans_and_nothing_else(folder):
    with Collector([503, 400]) as collector, Node(
            folder, *configured(folder), variables={"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector.url}/in"}) as node:
        node.create(name="a")
        eventually(lambda: value(metrics(node), "gestvenv_trace_spans_dropped_total") > 0, "refused spans are counted")
        assert [path for path, _, _ in collector.requests] == ["/in", "/in"], "503 is tried again, 400 is not"
        node.create(name="b")
        eventually(lambda: value(metrics(node), "gestvenv_trace_spans_exported_total") > 0, "later spans arrive")
        log = (node.folder / "log").read_text()
        assert log.count("traces cannot be sent to") == 1 and "are sent to" in log, log
    # With none at all the node makes environments and ends in time.
    with Node(folder, variables={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}) as node:
        node.create(name="a")


def test_wrong_settings_are_refused_at_the_start(folder):
    cases = [
        ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "ftp://collector"}, "no URL of http"),
        ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://u:verysecret@collector"}, "OTEL_EXPORTER_OTLP_HEADERS"),
        ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "HTTP alone"),
        (["--log-format", "xml"], {}, "text or json"),
        ([], {"GESTVENV_LOG_LEVEL": "loud"}, "GESTVENV_LOG_LEVEL cannot be"),
        (configured(folder, "[log]\ncolour = 'red'\n"), {}, "no key"),
        (configured(folder, "[log]\nformat = 'xml'\n"), {}, "format takes"),
    ]
    for options, variables, why in cases:
        if options[:1] == ["--config"]:
            configured(folder, "[log]\ncolour = 'red'\n" if "no key" in why else "[log]\nformat = 'xml'\n")
        node = Node(folder, *options, variables=variables)
        assert node.process.wait(PATIENCE) != 0
        assert why in node.answer and "verysecret" not in node.answer, (why, node.answer)
        node.log.close()


def test_the_log_is_rotated_within_its_bounds_and_is_the_users_alone(folder):
    path = pathlib.Path(folder) / "logs/node.log"
    path.parent.mkdir()
    table = f"[log]\nformat = 'json'\nlevel = 'debug'\nfile = '{path}'\nmax_size = 65536\nmax_files = 2\n"
    with Node(folder, *configured(folder, table)) as node:
        for _ in range(1200):
            node.ask("GET", "/api/v1/system/info")
        eventually(lambda: len(list(path.parent.iterdir())) == 2, "the log is put aside")
    files = sorted(path.parent.iterdir())
    assert [one.name for one in files] == ["node.1.log", "node.log"], files
    for one in files:
        assert one.stat().st_size <= 66_000 and one.stat().st_mode & 0o777 == 0o600, one.stat()
        for line in one.read_text().splitlines():
            assert {"time", "level", "message"} <= set(json.loads(line)), line
    assert (node.folder / "log").read_text() == ""


def contents(folder):
    for path in pathlib.Path(folder).rglob("*"):
        try:
            yield path, path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        except OSError:
            continue


def test_a_secret_in_each_place_where_one_may_be_is_found_in_no_log_trace_metric_error_or_process_list(folder):
    secret = "Tr0ub4dor-and-3-horses"
    seen, stop = [], threading.Event()

    def watch_processes():
        while not stop.is_set():
            for one in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    text = one.read_bytes()
                except OSError:
                    continue
                if secret.encode() in text:
                    seen.append(text)
            time.sleep(0.002)

    # Holds the installer's connection, so that its arguments are there to be seen.
    slow = socket.create_server(("127.0.0.1", 0))
    index = f"http://user:{secret}@127.0.0.1:{slow.getsockname()[1]}"
    held = []
    threading.Thread(target=lambda: [held.append(slow.accept()) for _ in range(100)], daemon=True).start()
    home = pathlib.Path(folder) / "home"
    home.mkdir()
    (home / ".netrc").write_text(f"machine 127.0.0.1 login user password {secret}\n")
    (home / ".netrc").chmod(0o600)
    headers = pathlib.Path(folder) / "headers"
    headers.write_text(f"authorization=Bearer {secret}\n")
    headers.chmod(0o600)
    with Collector() as collector:
        table = f"[traces]\nendpoint = '{collector.url}'\nheaders_file = '{headers}'\n"
        with Node(folder, *configured(folder, table), "--log-format", "json", "--log-level", "debug", "--listen",
                  "127.0.0.1:0", variables={"GESTVENV_TOKEN": secret, "HOME": str(home)}) as node:
            threading.Thread(target=watch_processes, daemon=True).start()
            context = {"variables": {"UV_INDEX_URL": f"{index}/simple", "PIP_INDEX_URL": f"{index}/simple",
                                     "API_TOKEN": secret, "HOME": str(home)}, "folder": "/"}
            answers = [node.ask("POST", ENVIRONMENTS, {"name": "a", "build_variables": {"API_PASSWORD": secret},
                                                       "install_context": context})]
            assert answers[0][0] == 201, answers
            url = f"demo @ {index}/demo-1.0-py3-none-any.whl"
            for backend in ("uv", "pip"):
                node.create(name=backend, backend=backend)
                for packages in ([url], ["demo"]):
                    answers.append(node.ask("POST", f"{ENVIRONMENTS}/{backend}/install",
                                            {"packages": packages, "install_context": context, "timeout": 2}))
                    assert answers[-1][0] >= 400, answers[-1]
            answers.append(node.ask("POST", f"{ENVIRONMENTS}/a/install", {"packages": [f"x y {index}"]}))
            answers.append(node.ask("POST", f"{ENVIRONMENTS}/a/execute", {
                "text": "cat", "variables": {"API_TOKEN": secret}, "standard_input": secret}))
            answers[-1] = (answers[-1][0], None, None)  # what a command writes is its own
            answers.append(node.ask("POST", f"{ENVIRONMENTS}/a/execute", {
                "text": "no-such-program", "variables": {"API_TOKEN": secret}}))
            answers.append(node.ask("GET", f"{ENVIRONMENTS}?token={secret}"))
            answers.append(node.ask("GET", ENVIRONMENTS, None, {"Authorization": f"Bearer {secret}"}))
            answers.append(node.ask("GET", ENVIRONMENTS, None, {"Authorization": f"Basic {secret}"}))
            given = {**node.variables, "API_TOKEN": secret}
            del given["GESTVENV_TOKEN"]
            assert subprocess.run([PROGRAM, "run", "--env", "a", "--pass-env", "API_TOKEN", "--", "true"], env=given,
                                  capture_output=True, timeout=PATIENCE).returncode == 0
            answers.append(node.ask("GET", f"{ENVIRONMENTS}/a/events?most=1000"))
            answers += [node.ask("GET", path) for path in ("/api/v1/system/diagnostics", "/api/v1/system/info",
                                                          "/api/v1/operations", f"{ENVIRONMENTS}/a")]
            eventually(lambda: len(collector.named("install")) >= 4, "the spans arrive")
            for status, answer, _ in answers:
                assert secret not in json.dumps(answer), (status, answer)
            assert secret not in metrics(node)
            state = [path for path, text in contents(f"{folder}/state") if secret.encode() in text]
            assert not state, state
            # Of the node, its launcher and its keepers.
            stop.set()
            assert not seen, seen
        log = (node.folder / "log").read_text()
        assert secret not in log, [line for line in log.splitlines() if secret in line]
        assert "command ended" in log and "install failed" in log
        for _, sent, body in collector.requests:
            assert sent.get("authorization", sent.get("Authorization")) == f"Bearer {secret}"
            assert secret.encode() not in body, body
    state = [path for path, text in contents(f"{folder}/state") if secret.encode() in text]
    assert not state, state
    slow.close()


if __name__ == "__main__":
    sys.exit(run_all(globals()))
