#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A node on another machine, as its clients see it: TLS, tokens, and commands whose output comes over HTTP.
node_tls_test.py GESTVENV [NAME...]
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys


from living_node import PATIENCE, PROGRAM, Node, eventually, run_all, running


def openssl(*words, folder):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


class Authority:
    """Makes certificates below one of its own."""

    def __init__(self, folder, name="authority"):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        self.file = str(self.folder / "ca.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                f"/CN={name}", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem", folder=self.folder)
        (self.folder / "index").write_text("")
        (self.folder / "serial").write_text("01\n")
        (self.folder / "conf").write_text(
            "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n"
            "copy_extensions=copy\nunique_subject=no\n[p]\ncommonName=supplied\n")

    def certificate(self, name, begins=None, ends=None):
        """PEM files of a certificate for `name` and of its key; dates as YYYYMMDDHHMMSSZ."""
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
                "-addext", f"subjectAltName=DNS:{name}", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                folder=self.folder)
        dates = ["-startdate", begins, "-enddate", ends] if begins else ["-days", "1"]
        openssl("ca", "-batch", "-notext", "-config", "conf", "-cert", "ca.pem", "-keyfile", "ca.key", *dates, "-in",
                f"{name}.csr", "-out", f"{name}.pem", folder=self.folder)
        return str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key")


@contextlib.contextmanager
def node_on_tls(folder, certificate, key):
    with Node(folder, "--listen", "127.0.0.1:0", "--tls-certificate", certificate, "--tls-key", key) as node:
        record = json.loads((node.folder / "state/gestvenv/node.json").read_text())
        node.port = int(record["listens"][0].rsplit(":", 1)[1])
        node.address = f"https://localhost:{node.port}"
        yield node


def token(node, name, right):
    made = node.command("token", "create", name, "--right", right)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def elsewhere(node, authority, secret, *words, **options):
    """A command of a client of another machine: of the node it has the address, the authority and a token."""
    variables = {**os.environ, "XDG_STATE_HOME": f"{node.folder}/other", "XDG_RUNTIME_DIR": f"{node.folder}/none",
                 "GESTVENV_NODE": node.address, "GESTVENV_NODE_AUTHORITIES": authority or "", "GESTVENV_TOKEN": secret}
    return subprocess.run([PROGRAM, *words], env=variables, capture_output=True, timeout=2 * PATIENCE,
                          **{"stdin": subprocess.DEVNULL, "text": True, **options})


def test_each_right_has_what_it_is_for_over_tls(folder):
    authority = Authority(folder)
    with node_on_tls(folder, *authority.certificate("localhost")) as node:
        reader, writer, other, admin = (token(node, name, right) for name, right in
                                        (("r", "read"), ("w", "write"), ("o", "write"), ("a", "admin")))
        ask = lambda secret, *words: elsewhere(node, authority.file, secret, *words)
        made = ask(writer, "ephemeral", "create", "mine", "--ttl", "600")
        assert made.returncode == 0, made.stderr
        refused = ask(reader, "ephemeral", "create", "never")
        assert refused.returncode != 0 and "needs the right 'write'" in refused.stderr, refused.stderr
        for words in (["ephemeral", "cleanup", "mine"], ["run", "--env", "mine", "true"]):
            for secret in (reader, other):
                done = ask(secret, *words)
                assert done.returncode != 0 and "error:" in done.stderr, (words, done)
        names = lambda secret: [one["name"] for one in json.loads(ask(secret, "ephemeral", "list", "--format", "json").stdout)]
        assert names(reader) == [] and names(other) == [] and names(writer) == ["mine"] and names(admin) == ["mine"]
        wrong = ask("gvt_wrong", "ephemeral", "list")
        assert wrong.returncode != 0 and "token is not known" in wrong.stderr, wrong.stderr
        assert ask(admin, "ephemeral", "cleanup", "mine").returncode == 0
        revoked = node.command("token", "revoke", "w")
        assert revoked.returncode == 0 and ask(writer, "ephemeral", "list").returncode != 0


def test_a_certificate_that_is_not_the_nodes_is_refused_and_says_why(folder):
    authority, stranger = Authority(folder), Authority(folder, "stranger")
    with node_on_tls(folder, *authority.certificate("localhost")) as node:
        secret = token(node, "a", "admin")
        assert elsewhere(node, authority.file, secret, "ephemeral", "list").returncode == 0

        def refused(file, why):
            done = elsewhere(node, file, secret, "ephemeral", "list")
            assert done.returncode != 0 and why in done.stderr.lower() and "hint:" in done.stderr, done.stderr

        refused(stranger.file, "certificate")
        refused(None, "certificate")  # the system's authorities do not know ours
        node.address = f"https://127.0.0.1:{node.port}"
        refused(authority.file, "127.0.0.1")
        node.address = f"https://localhost:{node.port}"
        missing = elsewhere(node, f"{folder}/missing.pem", secret, "ephemeral", "list")
        assert missing.returncode != 0 and "missing.pem" in missing.stderr, missing.stderr


def test_a_certificate_that_has_expired_or_not_begun_is_refused_and_says_so(folder):
    authority = Authority(folder)
    for number, (dates, why) in enumerate(((("20200101000000Z", "20200102000000Z"), "expired"),
                                           (("20490101000000Z", "20491231000000Z"), "not yet valid"))):
        place = pathlib.Path(folder) / str(number)
        place.mkdir()
        with node_on_tls(place, *authority.certificate("localhost", *dates)) as node:
            done = elsewhere(node, authority.file, token(node, "a", "admin"), "ephemeral", "list")
            assert done.returncode != 0 and why in done.stderr and "hint:" in done.stderr, done.stderr


def test_a_command_on_another_machine_has_its_output_and_its_status_here(folder):
    authority = Authority(folder)
    with node_on_tls(folder, *authority.certificate("localhost")) as node:
        secret = token(node, "w", "write")
        run = lambda *words, **options: elsewhere(node, authority.file, secret, "run", "--env", "far", *words, **options)
        assert elsewhere(node, authority.file, secret, "ephemeral", "create", "far", "--ttl", "600").returncode == 0
        done = run("--set-env", "GIVEN=here", "--", "sh", "-c", "echo out $GIVEN; echo err >&2; exit 3")
        assert (done.returncode, done.stdout, done.stderr) == (3, "out here\n", "err\n"), done
        assert run("sh", "-c", "kill -TERM $$").returncode in (-signal.SIGTERM, 128 + signal.SIGTERM)
        large = run("--", "sh", "-c", "head -c 20000000 /dev/zero")
        assert large.returncode == 0 and len(large.stdout) == 20_000_000, (large.returncode, len(large.stdout))
        assert set(large.stdout) == {"\0"}, set(large.stdout)
        binary = run("--", "sh", "-c", "printf '\\377\\376x'", text=False)
        assert binary.stdout == b"\xff\xfex", binary
        late = run("--timeout", "0.3s", "sleep", "600")
        assert late.returncode == 124 and "timeout" in late.stderr, late
        unknown = elsewhere(node, authority.file, secret, "run", "--env", "fra", "true")
        assert unknown.returncode == 125 and "did you mean `far`" in unknown.stderr, unknown.stderr
        source = pathlib.Path(folder) / "input"
        source.write_text("from a file\n")
        with source.open() as file:
            assert run("cat", stdin=file).stdout == "from a file\n"
        piped = subprocess.PIPE
        told = run("cat", stdin=piped)
        assert told.returncode == 0 and "CMD has no input" in told.stderr, told
        node_given = elsewhere(node, authority.file, secret, "run", "--node", node.address, "true")
        assert node_given.returncode == 2 and "without --env" in node_given.stderr, node_given.stderr
        for option in (["--home", "host"], ["--artifacts", "*=out"], ["--cwd", "relative"]):
            done = run(*option, "true")
            assert done.returncode == 2 and "another machine" in done.stderr and "hint:" in done.stderr, done.stderr


def test_a_command_on_another_machine_comes_while_it_runs_and_ends_with_its_caller(folder):
    authority = Authority(folder)
    with node_on_tls(folder, *authority.certificate("localhost")) as node:
        secret = token(node, "w", "write")
        assert elsewhere(node, authority.file, secret, "ephemeral", "create", "far", "--ttl", "600").returncode == 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            word = f"sleep 8{os.getpid() % 1000:03}.{int(number)}"
            variables = {**os.environ, "GESTVENV_NODE": node.address, "GESTVENV_TOKEN": secret,
                         "GESTVENV_NODE_AUTHORITIES": authority.file, "XDG_STATE_HOME": f"{folder}/other"}
            process = subprocess.Popen([PROGRAM, "run", "--env", "far", "--", "sh", "-c", f"echo begun; {word}"],
                                       env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
            assert process.stdout.readline() == "begun\n"
            process.send_signal(number)
            assert process.wait(PATIENCE) == -number
            eventually(lambda: not running(word), "the command ends with its caller")
            process.stdout.close()


def test_files_and_folders_are_copied_over_tls_in_both_directions(folder):
    authority = Authority(folder)
    with node_on_tls(folder, *authority.certificate("localhost")) as node:
        secret, reader = token(node, "w", "write"), token(node, "r", "read")
        there = pathlib.Path(folder) / "copies"
        copy = lambda *words, secret=secret, **options: elsewhere(node, authority.file, secret, "ephemeral", "cp", *words,
                                                                  cwd=there, **options)
        assert elsewhere(node, authority.file, secret, "ephemeral", "create", "far", "--ttl", "600").returncode == 0

        def copied(*words, **options):
            done = copy(*words, **options)
            assert (done.returncode, done.stderr) in ((0, ""), (0, b"")), done
            return done.stdout

        (there / "tree/sub").mkdir(parents=True)
        content = bytes(range(256)) * 20_000  # more than a record of TLS, and than a socket has room for
        (there / "bytes").write_bytes(content)
        (there / "bytes").chmod(0o640)
        (there / "tree/sub/file").write_text("content\n")
        (there / "tree/link").symlink_to("sub/file")
        copied("bytes", "far:in")
        copied("tree", "far:")
        copied("far:in", "back")
        copied("far:tree", "tree back")
        assert (there / "back").read_bytes() == content
        assert (there / "back").stat().st_mode & 0o777 == 0o640
        assert (there / "tree back/sub/file").read_text() == "content\n"
        assert os.readlink(there / "tree back/link") == "sub/file"
        assert copied("far:in", "-", text=False) == content
        copied("-", "far:piped", stdin=None, input="through a pipe\n")
        assert copied("far:piped", "-") == "through a pipe\n"

        missing = copy("far:nothing", "here")
        assert missing.returncode == 125 and "no `nothing`" in missing.stderr and not (there / "here").exists(), missing
        for words in (("bytes", "far:never"), ("far:in", "never")):
            refused = copy(*words, secret=reader)
            assert refused.returncode == 1 and "error:" in refused.stderr, refused
        assert not (there / "never").exists()


if __name__ == "__main__":
    sys.exit(run_all(globals()))
