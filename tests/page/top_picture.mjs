#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// The picture of docs/top.md: top_picture.mjs GESTVENV PACKAGES PICTURE [SECONDS]
// Ten environments at work, the screen of `gestvenv ephemeral top` in tmux after so many seconds (70), drawn by the page's
// terminal in Chromium. PACKAGES is the build's folder `page`.
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { environmentsPath, findBrowser, loadPlaywright, Node } from "./scene.mjs";

const [program, packages, picture, seconds = "70"] = process.argv.slice(2);
const columns = 116;
const lines = 18;

/// Uses `cpu` of a core and `memory` megabytes, both Python expressions of `t`, the seconds since its beginning.
const works = (cpu, memory) => `import time
from math import sin
began = time.time()
while True:
  t = time.time() - began
  kept = bytearray(int(${memory}) << 20)
  end = time.time() + 0.5 * (${cpu})
  while time.time() < end: pass
  time.sleep(0.5 * (1 - ${cpu}))`;
const children = "import subprocess, time\nall = [subprocess.Popen(['sleep', '3600']) for _ in range(6)]\ntime.sleep(3600)";

const work = [
    ["ci-backend", works("0.35 + 0.3 * sin(t / 5)", "90 + 60 * sin(t / 9)")],
    ["ci-frontend-lint", works("0.2", "12 + t % 20")],
    ["nightly-regression", works("0.3 + 0.25 * sin(t / 11)", "160 - 2 * (t % 60)")],
    ["data-pipeline", works("0.1", "60 + 50 * sin(t / 7)")],
    ["notebook-ada", works("0.02", "8 + 2 * t")],
    ["build-docs", works("0.15 if t % 30 < 12 else 0.01", "40 if t % 30 < 12 else 10")],
    ["review-4127", works("0.01", "48")],
    ["load-test", children],
    ["scratch", null],
    ["release-check", works("0.05 + 0.04 * sin(t / 3)", "20 + 8 * sin(t / 4)")],
];

const node = new Node(program);
const tmux = (...words) => execFileSync("tmux", ["-S", join(node.folder, "tmux"), ...words], { env: { ...node.variables, LC_ALL: "C.UTF-8", TMUX: "" }, encoding: "utf8" });

/// With its colours, as a terminal takes it.
async function screenOfTop() {
    for (const [name, script] of work) {
        await node.create(name, { ttl: 3600 });
        if (script) await node.ask("POST", `${environmentsPath}/${name}/execute?wait=false&stay=true`, { arguments: ["python", "-c", script] });
    }
    tmux("-f", "/dev/null", "-u", "new-session", "-d", "-x", String(columns), "-y", String(lines), "env", "-u", "NO_COLOR", node.program, "ephemeral", "top");
    try {
        await wait(Number(seconds) * 1000);
        return tmux("capture-pane", "-e", "-p").replace(/\n+$/, "");
    } finally {
        tmux("kill-server");
    }
}

async function draw(chromium, text) {
    const browser = await chromium.launch({ executablePath: findBrowser(), args: ["--no-sandbox", "--disable-dev-shm-usage"] });
    try {
        const page = await browser.newPage({ deviceScaleFactor: 2, viewport: { width: 1400, height: 900 } });
        await page.setContent('<body style="margin:0;background:#14161a"><div id="screen" style="display:inline-block;padding:18px 20px"></div>');
        const folder = join(resolve(packages), "node_modules/@xterm/xterm");
        await page.addStyleTag({ path: join(folder, "css/xterm.css") });
        await page.addScriptTag({ path: join(folder, "lib/xterm.js") });
        await page.evaluate(async ({ text, columns, rows }) => {
            const theme = { background: "#14161a", foreground: "#d7dae0", green: "#7bc47f", yellow: "#e0b45c", red: "#e2777a", cyan: "#6fb7c9", blue: "#7aa2e3", magenta: "#b59be0" };
            const terminal = new Terminal({ cols: columns, rows, convertEol: true, fontFamily: "DejaVu Sans Mono, monospace", fontSize: 13, cursorInactiveStyle: "none", theme });
            terminal.open(document.getElementById("screen"));
            await new Promise((go) => terminal.write(text + "\u001b[?25l", go));
            await document.fonts.ready;
            await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
        }, { text, columns, rows: text.split("\n").length });
        await page.locator("#screen").screenshot({ path: picture });
    } finally {
        await browser.close();
    }
}

const chromium = loadPlaywright(packages);
if (!chromium || !findBrowser()) throw new Error("there is no chromium, or the page's packages are missing: tools/bootstrap --browser");
try {
    await node.start();
    await draw(chromium, await screenOfTop());
} finally {
    await node.stop();
}
