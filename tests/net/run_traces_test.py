#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The traces of `gestvenv run` and of an embedded console, as a collector gets them. run_traces_test.py GESTVENV [NAME...]"""

import os
import pathlib
import socket
import ssl
import subprocess
import sys

from living_node import PROGRAM, run_all
from node_telemetry import Collector, wheel

PATIENCE = 120
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SHOW_PARENT = ["--", "sh", "-c", "echo $TRACEPARENT"]


def run(folder, *words, **variables):
    """`gestvenv run` with state and configuration of its own."""
    own = {**os.environ, "XDG_STATE_HOME": f"{folder}/state", "XDG_CONFIG_HOME": f"{folder}/config"}
    for name in [name for name in own if name.startswith("OTEL_") or name == "TRACEPARENT"]:
        del own[name]
    return subprocess.run([PROGRAM, "run", *words], env={**own, **variables}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=PATIENCE, check=False)


def of_collector(collector, **more):
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **more}


def attributes(span):
    return {one["key"]: one["value"]["stringValue"] for one in span["attributes"]}


def only(collector, name):
    found = collector.named(name)
    assert len(found) == 1, (name, [span["name"] for span in collector.spans])
    return found[0]


def warnings(done):
    return [line for line in done.stderr.splitlines() if line.startswith("warning:")]


def test_a_run_is_one_trace_below_the_span_of_its_caller(folder):
    with Collector() as collector:
        done = run(folder, "--packages", wheel(folder), *SHOW_PARENT,
                   **of_collector(collector, TRACEPARENT=f"00-{TRACE}-{PARENT}-01", OTEL_SERVICE_NAME="ci",
                                  OTEL_EXPORTER_OTLP_HEADERS="x-key=opensesame%21"))
    assert done.returncode == 0 and not done.stderr, done
    assert {span["traceId"] for span in collector.spans} == {TRACE}
    whole = only(collector, "run")
    assert whole["parentSpanId"] == PARENT and attributes(whole)["gestvenv.exit_status"] == "0", whole
    for name in ("create", "execute", "destroy"):
        assert only(collector, name)["parentSpanId"] == whole["spanId"], name
    assert only(collector, "install")["parentSpanId"] == only(collector, "create")["spanId"]
    assert only(collector, "command")["parentSpanId"] == only(collector, "execute")["spanId"]
    assert done.stdout == f"00-{TRACE}-{only(collector, 'execute')['spanId']}-01\n", done.stdout
    path, sent, body = collector.requests[0]
    assert path == "/v1/traces" and sent["x-key"] == "opensesame!" and b"opensesame" not in body
    resource = {one["key"]: one["value"]["stringValue"] for one in collector.resources[0]["attributes"]}
    assert resource["service.name"] == "ci", resource


def test_without_a_caller_that_names_a_span_a_run_begins_a_trace(folder):
    config = pathlib.Path(folder) / "config/gestvenv/config.toml"
    config.parent.mkdir(parents=True)
    with Collector() as collector:
        config.write_text(f"[traces]\nendpoint = '{collector.url}'\n")
        config.chmod(0o600)
        done = run(folder, *SHOW_PARENT)
    whole = only(collector, "run")
    assert "parentSpanId" not in whole and {span["traceId"] for span in collector.spans} == {whole["traceId"]}
    assert whole["traceId"] in done.stdout and "links" not in only(collector, "destroy"), done


def test_a_caller_that_records_nothing_has_nothing_recorded(folder):
    with Collector() as collector:
        assert run(folder, "true", **of_collector(collector, TRACEPARENT=f"00-{TRACE}-{PARENT}-00")).returncode == 0
        assert run(folder, "true", **of_collector(collector, OTEL_SDK_DISABLED="true")).returncode == 0
    assert not collector.requests


def test_without_a_collector_the_command_gets_no_span_and_nothing_is_said(folder):
    done = run(folder, *SHOW_PARENT, TRACEPARENT=f"00-{TRACE}-{PARENT}-01")
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", ""), done


def test_a_collector_that_fails_changes_no_status_and_is_warned_of_once(folder):
    fails = ["--", "sh", "-c", "exit 7"]
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        cases = [({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, "spans could not be sent to http://127.0.0.1:1/v1/traces"),
                 ({"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}"}, "it has not answered in time"),
                 ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:1"}, "https://127.0.0.1:1/v1/traces"),
                 ({"OTEL_EXPORTER_OTLP_ENDPOINT": "ftp://127.0.0.1"}, "there is no trace of this run"),
                 ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
                  "there is no trace of this run")]
        for variables, why in cases:
            done = run(folder, *fails, **variables)
            assert done.returncode == 7 and len(warnings(done)) == 1 and why in done.stderr, (variables, done)
    with Collector([400]) as refuses:
        done = run(folder, *fails, **of_collector(refuses))
    assert done.returncode == 7 and len(warnings(done)) == 1 and "it answers with status 400" in done.stderr, done
    with Collector([503]) as busy:
        done = run(folder, *fails, **of_collector(busy))
    assert done.returncode == 7


def test_a_run_that_fails_says_why_in_its_trace_and_no_secret_is_in_it(folder):
    secret = "c0rrect-h0rse-4-battery"
    with Collector() as collector:
        done = run(folder, "--offline", "--packages", f"demo @ http://ci:{secret}@127.0.0.1:1/demo-1.0-py3-none-any.whl",
                   "--pass-env", "DEMO_TOKEN", "--", "sh", "-c", f"echo {secret}",
                   **of_collector(collector, DEMO_TOKEN=secret))
        assert done.returncode == 125, done
        assert run(folder, "--pass-env", "DEMO_TOKEN", "--set-env", f"OTHER={secret}", "--", "sh", "-c",
                   f"test $DEMO_TOKEN = {secret}", **of_collector(collector, DEMO_TOKEN=secret)).returncode == 0
    failed = collector.named("run")[0]
    assert failed["status"]["code"] == 2 and failed["status"]["message"], failed
    assert collector.named("create")[0]["status"]["code"] == 2
    assert not [body for _, _, body in collector.requests if secret.encode() in body]


def test_a_run_that_is_interrupted_sends_its_trace(folder):
    with Collector() as collector:
        variables = {**os.environ, "XDG_STATE_HOME": f"{folder}/state", "XDG_CONFIG_HOME": f"{folder}/config",
                     **of_collector(collector)}
        with subprocess.Popen([PROGRAM, "run", "--", "sh", "-c", "echo ready; exec sleep 1000"], env=variables,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
            assert started.stdout.readline() == b"ready\n"
            started.send_signal(15)
            assert started.wait(PATIENCE) == -15, started.stderr.read()
    assert only(collector, "destroy")["parentSpanId"] == only(collector, "run")["spanId"]


def test_a_collector_is_reached_over_tls(folder):
    key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True, timeout=PATIENCE)
    with Collector() as collector:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        collector.server.socket = context.wrap_socket(collector.server.socket, server_side=True)
        url = collector.url.replace("http:", "https:")
        done = run(folder, "--", "sh", "-c", "exit 3", OTEL_EXPORTER_OTLP_ENDPOINT=url, SSL_CERT_FILE=certificate)
    assert done.returncode == 3 and not done.stderr, done
    assert attributes(only(collector, "run"))["gestvenv.exit_status"] == "3"


def test_an_embedded_console_sends_the_traces_of_its_environments(folder):
    with Collector() as collector:
        variables = {**os.environ, "XDG_STATE_HOME": f"{folder}/state", "XDG_CONFIG_HOME": f"{folder}/config",
                     **of_collector(collector)}
        done = subprocess.run([PROGRAM, "console", "--embedded", "-c", "create work; use work; run sh -c 'echo it runs'"],
                              env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
    assert done.returncode == 0 and "it runs" in done.stdout, done
    for name in ("create", "execute", "destroy"):
        only(collector, name)


if __name__ == "__main__":
    sys.exit(run_all(globals()))
