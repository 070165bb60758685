#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a living node tells of itself: metrics, logs, traces, and no secrets. node_observability_test.py GESTVENV [NAME...]

Each function `test_...` has a node of its own, in folders of its own. promtool and prometheus are looked for in PATH and
where tools/bootstrap puts them; without them their tests say that they are left out.
"""

import concurrent.futures
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
import zipfile

from living_node import ENVIRONMENTS, PATIENCE, Node, eventually, run_all

ROOT = pathlib.Path(__file__).resolve().parents[2]
COUNTERS = ["ephemeral_environments", "ephemeral_alerts", "environment_created", "environment_deleted", "package_installed",
            "cache_hits", "cache_misses", "backend_errors", "log_lines_dropped", "trace_spans_exported",
            "trace_spans_dropped"]
GAUGES_OF_ENVIRONMENTS = ["memory_current_bytes", "memory_peak_bytes", "memory_limit_bytes", "cpu_usage_percent",
                          "disk_usage_bytes", "active_processes", "io_read_bytes", "io_write_bytes", "healthy"]
TYPES = {f"gestvenv_{name}_total": "counter" for name in COUNTERS} | {
    f"gestvenv_ephemeral_{name}": "gauge" for name in GAUGES_OF_ENVIRONMENTS} | {
    "gestvenv_active_environments": "gauge", "gestvenv_cache_size_bytes": "gauge",
    "gestvenv_environment_creation_seconds": "histogram", "gestvenv_package_install_seconds": "histogram"}
LINE = re.compile(r'^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^{}]*\})? \S+$')


def tool(name):
    built = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gestvenv/dependencies"
    return shutil.which(name, path=f"{os.environ['PATH']}:{built}/prometheus")


def wheel(folder, name="demo", version="1.0"):
    """The requirement of a package that needs no index."""
    path = pathlib.Path(folder) / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{name} @ file://{path}"


def configured(folder, text=""):
    path = pathlib.Path(folder) / "config.toml"
    path.write_text("[ephemeral]\nmonitoring_interval = 1\n" + text)
    path.chmod(0o600)
    return ["--config", str(path)]


def metrics(node):
    status, text, headers = node.ask("GET", "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4"), (status, text)
    return text.decode()


def value(text, name):
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def lines(node):
    """Of a log in JSON."""
    return [json.loads(line) for line in (node.folder / "log").read_text().splitlines()]


def check_with_promtool(text):
    if not tool("promtool"):
        print("left out: there is no promtool")
        return
    checked = subprocess.run([tool("promtool"), "check", "metrics"], input=text, capture_output=True, text=True,
                             timeout=PATIENCE)
    assert checked.returncode == 0 and not checked.stdout and not checked.stderr, (checked.stdout, checked.stderr, text)


class Collector:
    """Receives OTLP over HTTP; `answers` is what it answers with, in turn, and then 200."""

    def __init__(self, answers=()):
        self.requests, self.spans, self.resources = [], [], []
        answers = list(answers)
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = answers.pop(0) if answers else 200
                collector.requests.append((self.path, dict(self.headers), body))
                if status == 200:
                    for resource in json.loads(body)["resourceSpans"]:
                        collector.resources.append(resource["resource"])
                        for scope in resource["scopeSpans"]:
                            collector.spans += scope["spans"]
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def named(self, name):
        return [span for span in self.spans if span["name"] == name]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def attributes(span):
    return {one["key"]: one["value"]["stringValue"] for one in span["attributes"]}


def test_metrics_have_the_documented_names_and_types_and_no_others(folder):
    with Node(folder, *configured(folder)) as node:
        made = node.create(name="a", resource_limits={"max_processes": 20})
        node.create(packages=[wheel(folder)])
        assert node.ask("POST", f"{ENVIRONMENTS}/a/execute", {"text": "true"})[0] == 200
        own = f'{{env_id="{made["id"]}"}}'
        eventually(lambda: value(metrics(node), f"gestvenv_ephemeral_disk_usage_bytes{own}") is not None,
                   "the environment has been measured")
        text = metrics(node)
        found = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
        missing = {name: kind for name, kind in TYPES.items() if found.get(name) != kind}
        # A limit that the environment does not have is no number.
        missing.pop("gestvenv_ephemeral_memory_limit_bytes", None)
        assert not missing and not set(found) - set(TYPES), (missing, found)
        assert set(re.findall(r"^# HELP (\S+) ", text, re.MULTILINE)) == set(found)
        for line in text.splitlines():
            assert line.startswith("# ") or LINE.match(line), line
        assert value(text, "gestvenv_active_environments") == 2
        assert value(text, "gestvenv_environment_created_total") == 2
        assert value(text, "gestvenv_package_installed_total") == 1
        assert value(text, "gestvenv_package_install_seconds_count") == 1
        assert value(text, "gestvenv_environment_creation_seconds_count") == 2
        assert value(text, f"gestvenv_ephemeral_healthy{own}") == 1
        check_with_promtool(text)
        assert node.ask("DELETE", f"{ENVIRONMENTS}/a")[0] == 200
        eventually(lambda: own not in metrics(node), "an environment that is gone is measured no more")
        eventually(lambda: value(metrics(node), "gestvenv_environment_deleted_total") == 1, "its end is counted")


def test_metrics_hold_while_environments_come_and_go(folder):
    with Node(folder, *configured(folder)) as node:
        stop = threading.Event()

        def work():
            while not stop.is_set():
                made = node.create(ttl=600)
                node.ask("DELETE", f"{ENVIRONMENTS}/{made['id']}?force=true")

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            workers = [pool.submit(work) for _ in range(4)]
            before = 0
            for _ in range(10):
                text = metrics(node)
                check_with_promtool(text)
                assert value(text, "gestvenv_environment_created_total") >= before
                before = value(text, "gestvenv_environment_created_total")
            stop.set()
            for worker in workers:
                worker.result(PATIENCE)
        assert before > 0


def test_metrics_over_tcp_need_a_token_and_count_failures_of_backends(folder):
    with Node(folder, *configured(folder), "--listen", "127.0.0.1:0") as node:
        port = json.loads((node.folder / "state/gestvenv/node.json").read_text())["listens"][0].rsplit(":", 1)[1]
        token = node.command("token", "create", "prometheus", "--right", "read").stdout.split()[-1]

        def ask(headers):
            request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=headers)
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    return answer.status
            except urllib.error.HTTPError as problem:
                return problem.code

        assert ask({}) == 401 and ask({"Authorization": f"Bearer {token}"}) == 200
        broken = pathlib.Path(folder) / "broken-1.0-py3-none-any.whl"
        broken.write_text("this is no wheel")
        assert node.ask("POST", ENVIRONMENTS, {"packages": [f"broken @ file://{broken}"]})[0] >= 400
        assert value(metrics(node), "gestvenv_backend_errors_total") == 1


def test_a_real_prometheus_scrapes_it_and_each_query_of_the_dashboard_has_data(folder):
    if not tool("prometheus"):
        print("left out: there is no prometheus")
        return
    with Node(folder, *configured(folder), "--listen", "127.0.0.1:0") as node:
        target = json.loads((node.folder / "state/gestvenv/node.json").read_text())["listens"][0].split("//")[1]
        token = node.command("token", "create", "prometheus", "--right", "read").stdout.split()[-1]
        config = pathlib.Path(folder) / "prometheus.yml"
        (pathlib.Path(folder) / "token").write_text(token)
        config.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [{
            "job_name": "gestvenv", "authorization": {"credentials_file": f"{folder}/token"},
            "static_configs": [{"targets": [target]}]}]}))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with open(f"{folder}/prometheus.log", "wb") as log:
            server = subprocess.Popen(
                [tool("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
        try:
            def query(text):
                url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": text})
                try:
                    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                        return [one for one in json.load(answer)["data"]["result"] if one["value"][1] != "NaN"]
                except urllib.error.HTTPError as problem:
                    if problem.code == 503:  # it is still starting
                        return []
                    raise AssertionError(f"{text}: {problem.read().decode()}") from problem
                except OSError:
                    return []

            made = node.create(name="a", resource_limits={"max_processes": 20})
            limited = node.ask("POST", ENVIRONMENTS, {"name": "b", "resource_limits": {"max_memory": "256M"}})[0] == 201
            dashboard = json.loads((ROOT / "packaging/grafana/gestvenv.json").read_text())
            queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
            queries = [one.replace("$__rate_interval", "30s").replace("$instance", ".*") for one in queries]
            if not limited:
                queries = [one for one in queries if "memory_limit_bytes" not in one]
                print("left out: memory cannot be limited here, so no limit is shown")
            assert len(queries) > 20
            assert node.ask("POST", f"{ENVIRONMENTS}/a/execute", {"text": "true"})[0] == 200
            if limited:
                assert node.ask("POST", f"{ENVIRONMENTS}/b/execute", {"text": "true"})[0] == 200
            eventually(lambda: query("gestvenv_active_environments"), "it scrapes the node")
            missing = queries

            def all_have_data():
                nonlocal missing
                done = node.create(packages=[wheel(folder)])
                node.ask("DELETE", f"{ENVIRONMENTS}/{done['id']}")
                time.sleep(0.5)
                missing = [one for one in missing if not query(one)]
                return not missing

            try:
                eventually(all_have_data, "each query has data")
            except AssertionError as problem:
                raise AssertionError(f"no data: {missing}") from problem
            assert made["id"] in {one["metric"]["env_id"] for one in query("gestvenv_ephemeral_disk_usage_bytes")}
        finally:
            server.terminate()
            server.wait(PATIENCE)


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
            assert subprocess.run([sys.argv[1], "run", "--env", "a", "--pass-env", "API_TOKEN", "--", "true"], env=given,
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
