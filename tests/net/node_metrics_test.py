#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The metrics of a living node: node_metrics_test.py GESTVENV [NAME...]

promtool and prometheus are looked for in PATH and where tools/bootstrap puts them; without them their tests say that they
are left out.
"""

import concurrent.futures
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

from living_node import ENVIRONMENTS, PATIENCE, Node, eventually, run_all
from node_telemetry import configured, metrics, value, wheel

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


def check_with_promtool(text):
    if not tool("promtool"):
        print("left out: there is no promtool")
        return
    checked = subprocess.run([tool("promtool"), "check", "metrics"], input=text, capture_output=True, text=True,
                             timeout=PATIENCE)
    assert checked.returncode == 0 and not checked.stdout and not checked.stderr, (checked.stdout, checked.stderr, text)


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


if __name__ == "__main__":
    sys.exit(run_all(globals()))
