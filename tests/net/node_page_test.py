#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a node promises to a browser, without one: node_page_test.py GESTVENV [NAME...]

Each function `test_...` has a node of its own. tests/page/page_test.mjs has the same node with a browser.
"""

import gzip
import http.client
import json
import os
import re
import socket
import stat
import sys
import time
import urllib.parse

import tempfile
from living_node import ENVIRONMENTS, PATIENCE, Node, eventually, run_all

NO_PAGE = 77
LINK = "/api/v1/system/page"


class Browser:
    """Requests over TCP as a browser sends them to the page's own name."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.port = parts.port
        self.host = f"{parts.hostname}:{parts.port}"
        self.secret = parts.fragment.removeprefix("open=")
        self.cookie = None

    def ask(self, method, path, body=None, host=None, address="127.0.0.1", **headers):
        sent = {"Host": host or self.host}
        if self.cookie:
            sent["Cookie"] = self.cookie
        if method != "GET":
            sent["Origin"] = f"http://{host or self.host}"
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        sent = {name: value for name, value in sent.items() if value is not None}
        if body is not None:
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(address, self.port, timeout=PATIENCE)
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        is_json = (answer.getheader("Content-Type") or "").startswith(("application/json", "application/problem+json"))
        return answer.status, json.loads(text) if is_json and text else text, answer.headers

    def enter(self):
        status, session, headers = self.ask("POST", "/page/session", {"link": self.secret})
        assert status == 201, session
        self.cookie = headers["Set-Cookie"].split(";")[0]
        return session, headers["Set-Cookie"]


def link_of(node, **wanted):
    status, link, _ = node.ask("POST", LINK, wanted)
    assert status == 201, link
    return link


def entered(node, **wanted):
    browser = Browser(link_of(node, **wanted)["url"])
    browser.enter()
    return browser


def test_a_link_is_exchanged_once_for_a_cookie_that_scripts_and_other_sites_cannot_use(folder):
    with Node(folder) as node:
        link = link_of(node)
        browser = Browser(link["url"])
        assert re.fullmatch(r"http://gestvenv-[0-9a-f]{8}\.localhost:\d+/#open=[0-9a-f]{60,}", link["url"]), link
        assert browser.ask("GET", ENVIRONMENTS)[0] == 401
        session, cookie = browser.enter()
        assert session["right"] == "admin"
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} < {part.strip() for part in cookie.split(";")}, cookie
        assert "Domain" not in cookie
        assert browser.ask("GET", ENVIRONMENTS)[0] == 200
        status, made, _ = browser.ask("POST", ENVIRONMENTS, {"name": "a"})
        assert status == 201, made
        assert node.names() == ["a"]
        assert browser.ask("GET", "/page/session")[1]["right"] == "admin"
        status, problem, _ = Browser(link["url"]).ask("POST", "/page/session", {"link": browser.secret})
        assert status == 401 and "used already" in problem["detail"] and "gestvenv node open" in problem["hint"], problem
        status, _, headers = browser.ask("DELETE", "/page/session")
        assert status == 204 and "Max-Age=0" in headers["Set-Cookie"]
        assert browser.ask("GET", ENVIRONMENTS)[0] == 401


def test_a_link_is_given_on_the_unix_socket_alone(folder):
    with Node(folder) as node:
        browser = entered(node)
        status, problem, _ = browser.ask("POST", LINK, {})
        assert status == 403 and "machine" in problem["detail"], problem


def test_pages_of_other_origins_cannot_write_with_the_cookie(folder):
    with Node(folder) as node:
        browser = entered(node)
        for origin in (None, "null", "http://evil.example", f"http://localhost:{browser.port}", f"https://{browser.host}"):
            status, problem, _ = browser.ask("POST", ENVIRONMENTS, {"name": "b"}, Origin=origin)
            assert status == 403, (origin, problem)
            assert browser.ask("DELETE", f"{ENVIRONMENTS}/b", Origin=origin)[0] == 403
        # A WebSocket is opened by a GET.
        status, _, _ = browser.ask("GET", f"{ENVIRONMENTS}/b/terminal", Origin="http://evil.example", Upgrade="websocket",
                                   Connection="Upgrade", Sec_WebSocket_Key="AAAAAAAAAAAAAAAAAAAAAA==", Sec_WebSocket_Version="13")
        assert status in (403, 404)
        assert node.names() == []


def test_the_cookie_counts_under_the_pages_own_name_alone(folder):
    with Node(folder) as node:
        browser = entered(node)
        for host in (f"127.0.0.1:{browser.port}", f"localhost:{browser.port}"):
            assert browser.ask("GET", ENVIRONMENTS, host=host)[0] == 401
            secret = Browser(link_of(node)["url"]).secret
            assert browser.ask("POST", "/page/session", {"link": secret}, host=host)[0] == 403
        assert browser.ask("GET", ENVIRONMENTS, host=f"gestvenv-00000000.localhost:{browser.port}")[0] == 421
        assert browser.ask("GET", "/", host=f"evil.example:{browser.port}")[0] == 421


def test_both_addresses_of_the_loopback_are_the_nodes(folder):
    with Node(folder) as node:
        browser = entered(node)
        assert browser.ask("GET", "/page/session")[0] == 200
        try:
            with socket.socket(socket.AF_INET6) as one:
                one.bind(("::1", 0))
        except OSError:
            return  # this machine has no IPv6
        assert browser.ask("GET", "/page/session", address="::1")[0] == 200


def test_a_session_that_only_reads_changes_nothing(folder):
    with Node(folder) as node:
        node.create(name="a")
        browser = entered(node, read_only=True)
        assert [one["name"] for one in browser.ask("GET", ENVIRONMENTS)[1]["items"]] == ["a"]
        assert browser.ask("POST", ENVIRONMENTS, {"name": "b"})[0] == 403
        assert browser.ask("DELETE", f"{ENVIRONMENTS}/a")[0] == 403
        assert browser.ask("GET", "/api/v1/system/tree")[0] == 403
        assert node.names() == ["a"]


def test_the_pages_files_are_compressed_known_by_tags_and_forbid_what_is_foreign(folder):
    with Node(folder) as node:
        browser = Browser(link_of(node)["url"])
        status, text, headers = browser.ask("GET", "/", Accept_Encoding="gzip, br")
        assert status == 200 and headers["Content-Encoding"] == "gzip"
        html = gzip.decompress(text).decode()
        names = re.findall(r'"(/page/[^"]+)"', html)
        assert len(names) >= 2, html
        assert "<style" not in html and not re.search(r"<script(?![^>]* src=)", html) and " style=" not in html
        total = len(text)
        for path in ["/", *names]:
            status, text, headers = browser.ask("GET", path, Accept_Encoding="gzip")
            assert status == 200, path
            total += len(text)
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
            assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
            status, rest, again = browser.ask("GET", path, Accept_Encoding="gzip", If_None_Match=headers["ETag"])
            assert (status, rest, again["ETag"]) == (304, b"", headers["ETag"]), path
            assert browser.ask("GET", path, Accept_Encoding="gzip", If_None_Match='"other"')[0] == 200
        assert total < 300 * 1024, total
        assert browser.ask("GET", "/", Accept_Encoding="identity")[0] == 406
        assert browser.ask("GET", "/page/none.js", Accept_Encoding="gzip")[0] == 404


def test_a_link_in_a_file_is_readable_by_its_user_alone(folder):
    with Node(folder) as node:
        link = link_of(node, with_file=True)
        mode = os.stat(link["file"]).st_mode
        assert stat.S_IMODE(mode) == 0o600
        with open(link["file"], encoding="utf-8") as file:
            assert link["url"] in file.read()


def test_secrets_of_the_page_are_in_no_log_and_no_file(folder):
    with Node(folder) as node:
        browser = entered(node)
        secrets = [browser.secret, browser.cookie.split("=")[1]]
        node.create(name="a")
        for where, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(where, name)
                if not os.path.isfile(path):
                    continue
                with open(path, "rb") as file:
                    text = file.read()
                assert not any(secret.encode() in text for secret in secrets), path


def test_an_open_page_does_not_keep_the_node_and_a_person_at_work_does(folder):
    with Node(folder, "--idle-end", "6") as node:
        browser = entered(node)
        stream = socket.create_connection(("127.0.0.1", browser.port), timeout=PATIENCE)
        stream.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: {browser.host}\r\nCookie: {browser.cookie}\r\n"
                       "Accept: text/event-stream\r\n\r\n".encode())
        seen = b""
        while b"events follow" not in seen:
            seen += stream.recv(65536)
            assert seen, "the stream was not opened"
        until = time.monotonic() + 9
        while time.monotonic() < until:  # longer than it would go on by itself
            assert browser.ask("POST", "/page/activity")[0] == 204
            time.sleep(0.5)
        assert node.process.poll() is None
        eventually(lambda: node.process.poll() is not None, "the node ends although the stream of events is open")
        assert node.process.returncode == 0
        stream.close()


def test_the_command_prints_a_link_that_works(folder):
    with Node(folder) as node:
        done = node.command("node", "open")
        assert done.returncode == 0 and "works once" in done.stderr, done.stderr
        assert Browser(done.stdout.strip()).enter()[0]["right"] == "admin"
        done = node.command("node", "open", "--read-only", "--format", "json")
        assert Browser(json.loads(done.stdout)["url"]).enter()[0]["right"] == "read"


def test_a_browser_is_started_with_a_file_and_not_with_the_secret(folder):
    with Node(folder) as node:
        tools = os.path.join(folder, "tools")
        os.mkdir(tools)
        with open(os.path.join(tools, "xdg-open"), "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\necho "opened $*"\n')
        os.chmod(os.path.join(tools, "xdg-open"), 0o755)
        node.variables["PATH"] = f"{tools}:{node.variables['PATH']}"
        done = node.command("node", "open", "--browser")
        assert done.returncode == 0, done.stderr
        url, opened = done.stdout.splitlines()
        assert opened.startswith("opened /") and opened.endswith(".html"), opened
        assert Browser(url).secret not in opened


def has_page(folder):
    with Node(folder) as node:
        status, text, _ = node.ask("GET", "/", headers={"Accept-Encoding": "gzip"})
        if status == 404:
            assert "without its page" in text.decode(), text
            status, problem, _ = node.ask("POST", LINK, {})
            assert status == 404 and "doctor" in problem["hint"], problem
        return status == 200


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="gvn") as place:
        if not has_page(place):
            print("skipped: this build has no page, and says so")
            sys.exit(NO_PAGE)
    sys.exit(run_all(globals()))
