// SPDX-License-Identifier: MIT
// A node of a test's own, its page in a real browser, and a connection between them that can be cut.
import { execFile, spawn } from "node:child_process";
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import net from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

export const patience = 45_000;
export const environmentsPath = "/api/v1/ephemeral/environments";

function inPath(names) {
    for (const name of names)
        for (const folder of (process.env.PATH ?? "").split(delimiter)) {
            const path = join(folder, name);
            try {
                accessSync(path, constants.X_OK);
                return path;
            } catch {
                // the next one
            }
        }
    return null;
}

export const findBrowser = () => process.env.GESTVENV_CHROMIUM || inPath(["chromium", "chromium-browser", "google-chrome"]);

export function loadPlaywright(packages) {
    try {
        return createRequire(join(resolve(packages), "package.json"))("playwright-core").chromium;
    } catch {
        return null;
    }
}

export class Node {
    constructor(program) {
        this.program = resolve(program);
        this.folder = mkdtempSync(join(tmpdir(), "gvp"));
        mkdirSync(join(this.folder, "run"), { mode: 0o700 });
        writeFileSync(join(this.folder, "config.toml"), "[ephemeral]\nmax_concurrent = 200\nmax_total_memory_mb = 100000\nmonitoring_interval = 1\n");
        this.variables = { ...process.env, XDG_RUNTIME_DIR: join(this.folder, "run"), XDG_STATE_HOME: join(this.folder, "state") };
        delete this.variables.GESTVENV_NODE;
        this.socket = join(this.folder, "run/gestvenv/node.sock");
    }

    async start() {
        this.process = spawn(this.program, ["--config", join(this.folder, "config.toml"), "node", "start", "--foreground", "--ready-descriptor", "3", "--idle-end", "300"],
            { env: this.variables, stdio: ["ignore", "ignore", "pipe", "pipe"] });
        this.log = "";
        this.process.stderr.on("data", (text) => (this.log += text));
        this.ended = new Promise((go) => this.process.on("exit", go));
        let answer = "";
        for await (const piece of this.process.stdio[3]) answer += piece;
        if (answer !== "ready") throw new Error(`the node did not start: ${answer}\n${this.log}`);
    }

    /// What a command of the program prints.
    command(...words) {
        return new Promise((go, fail) =>
            execFile(this.program, words, { env: this.variables, timeout: patience }, (failed, out, err) => (failed ? fail(new Error(`${words.join(" ")}: ${err}`)) : go(out))));
    }

    link = async (...words) => (await this.command("node", "open", ...words)).trim();

    ask(method, path, body) {
        return new Promise((go, fail) => {
            const asked = http.request({ socketPath: this.socket, method, path, headers: { Host: "localhost", "Content-Type": "application/json" } }, async (answer) => {
                let text = "";
                for await (const piece of answer) text += piece;
                const value = text ? JSON.parse(text) : null;
                if (answer.statusCode < 400) go(value);
                else fail(new Error(`${method} ${path}: ${text}`));
            });
            asked.on("error", fail);
            asked.end(body === undefined ? undefined : JSON.stringify(body));
        });
    }

    create = (name, more = {}) => this.ask("POST", environmentsPath, { name, ttl: 600, ...more });

    endAll = () => this.ask("DELETE", "/api/v1/ephemeral/cleanup-all");

    async stop() {
        this.process?.kill("SIGTERM");
        await this.ended;
        rmSync(this.folder, { recursive: true, force: true });
    }
}

/// Passes on what a browser and a node say to each other, until it is cut.
export class Wire {
    constructor(port) {
        this.port = port;
        this.pairs = new Set();
        this.isCut = false;
        this.server = net.createServer((near) => {
            if (this.isCut) return near.destroy();
            const far = net.connect(this.port, "127.0.0.1");
            const pair = [near, far];
            this.pairs.add(pair);
            for (const [one, other] of [pair, [far, near]]) {
                one.pipe(other);
                one.on("error", () => other.destroy());
                one.on("close", () => {
                    this.pairs.delete(pair);
                    other.destroy();
                });
            }
        });
    }

    async listen() {
        await new Promise((go) => this.server.listen(0, "127.0.0.1", go));
        return this.server.address().port;
    }

    cut() {
        this.isCut = true;
        for (const pair of this.pairs) pair.forEach((one) => one.destroy());
    }

    mend() {
        this.isCut = false;
    }

    close() {
        this.cut();
        this.server.close();
    }
}

/// A package that needs no network.
export function writeWheel(folder) {
    const path = join(folder, "sample_thing-1.5-py3-none-any.whl");
    const script = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("sample_thing.py", "")
    for name, text in {"METADATA": "Metadata-Version: 2.1\\nName: sample-thing\\nVersion: 1.5\\n",
                       "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n", "RECORD": ""}.items():
        wheel.writestr("sample_thing-1.5.dist-info/" + name, text)`;
    return new Promise((go, fail) => execFile("python3", ["-c", script, path], (failed) => (failed ? fail(failed) : go(path))));
}

export const sizesOf = (packages) => JSON.parse(readFileSync(join(resolve(packages), "sizes.json"), "utf8"));
