#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// The page in a real browser: page_test.mjs GESTVENV PACKAGES [WORD...]
// PACKAGES is the build's folder `page`. Each step has a page of its own in the same browser; WORDs choose steps. With
// GESTVENV_SCREENSHOTS=FOLDER the pictures of docs/page.md are written there.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectionSteps } from "./connection_steps.mjs";
import { environmentsPath, findBrowser, loadPlaywright, Node, patience, sizesOf, writeWheel } from "./scene.mjs";

const [program, packages, ...wanted] = process.argv.slice(2);
const browserPath = findBrowser();
const chromium = loadPlaywright(packages);
if (!browserPath || !chromium) {
    console.log(`skipped: ${browserPath ? "the page's packages are missing" : "there is no chromium; tools/bootstrap --browser installs it"}`);
    process.exit(77);
}

const node = new Node(program);
const profile = mkdtempSync(join(tmpdir(), "gvb"));
const pictures = process.env.GESTVENV_SCREENSHOTS ?? null;
const complaints = [];
const firstPaints = [];
const hosts = new Set();
let browser;

async function context(options = {}) {
    const made = await browser.newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: "reduce", ...options });
    made.setDefaultTimeout(patience);
    made.on("request", (one) => hosts.add(new URL(one.url()).host));
    made.on("weberror", (one) => complaints.push(String(one.error())));
    made.on("console", (one) => {
        if (/Content Security Policy|Refused to/.test(one.text())) complaints.push(one.text());
    });
    return made;
}

/// A page that has been let in.
async function opened(options = {}, ...words) {
    const where = await context(options);
    const page = await where.newPage();
    await page.goto(await node.link(...words));
    await page.getByRole("status").filter({ hasText: /^Live$/ }).waitFor();
    firstPaints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime));
    return page;
}

const row = (page, name) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
const heading = (page, name) => page.getByRole("heading", { name, exact: true });

async function openEnvironment(page, name, tab) {
    await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Environments" }).click();
    await page.getByRole("link", { name, exact: true }).click();
    await heading(page, name).waitFor();
    if (tab) await page.getByRole("tab", { name: tab }).click();
}

async function runCommand(page, text, shell = false) {
    await page.getByLabel("Command", { exact: true }).fill(text);
    await page.getByLabel("in a shell").setChecked(shell);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    return page.getByRole("article", { name: text });
}

const steps = {
    async "a link opens the page once, and leaves no secret in the address"() {
        const where = await context();
        const page = await where.newPage();
        const link = await node.link();
        await page.goto(link);
        await heading(page, "Environments").waitFor();
        assert.ok(!page.url().includes("open="), page.url());
        const [cookie] = await where.cookies();
        assert.equal(cookie.httpOnly, true);
        assert.equal(cookie.sameSite, "Strict");
        assert.equal(await page.evaluate(() => document.cookie), "");
        const other = await (await context()).newPage();
        await other.goto(link);
        await heading(other, "This page needs a link").waitFor();
        await other.getByText("used already").first().waitFor();
        await other.getByText("gestvenv node open", { exact: true }).waitFor();
        await page.reload();
        await heading(page, "Environments").waitFor();
    },

    async "an environment is made by the form, and appears in the list"() {
        const page = await opened();
        await page.getByRole("button", { name: "New environment" }).click();
        await page.getByLabel("Name").fill("not a name");
        await page.getByRole("button", { name: "Create" }).click();
        await page.getByRole("alert").filter({ hasText: "a name has 1 to 64" }).waitFor();
        await page.getByLabel("Name").fill("made-here");
        await page.getByLabel("Time to live").fill("20m");
        await page.getByText("Limits, storage, tags").click();
        await page.getByLabel("Tags").fill("team=data");
        await page.getByRole("button", { name: "Create" }).click();
        await heading(page, "made-here").waitFor();
        const found = await node.ask("GET", `${environmentsPath}/made-here`);
        assert.deepEqual(found.tags, { team: "data" });
        const lives = (Date.parse(found.expires_at) - Date.parse(found.created_at)) / 1000;
        assert.ok(lives >= 1200 && lives < 1260, String(lives));
        await page.getByRole("link", { name: "Environments" }).first().click();
        await row(page, "made-here").getByText("ready").waitFor();
        // What others make and end appears and goes by itself.
        await node.create("made-elsewhere");
        await row(page, "made-elsewhere").waitFor();
        await node.ask("DELETE", `${environmentsPath}/made-elsewhere`);
        await row(page, "made-elsewhere").waitFor({ state: "detached" });
    },

    async "a command's output is there while it runs"() {
        await node.create("runs");
        const page = await opened();
        await openEnvironment(page, "runs");
        const waits = await runCommand(page, "echo first; while [ ! -e go ]; do sleep 0.05; done; echo second; echo wrong >&2; exit 3", true);
        await waits.getByText("first", { exact: true }).waitFor();
        await waits.getByText("running").waitFor();
        const touches = await runCommand(page, "touch go");
        await touches.getByText("exit status 0").waitFor();
        await waits.getByText("exit status 3").waitFor();
        assert.match(await waits.getByRole("log").innerText(), /first\nsecond\nwrong/);
        const bar = await runCommand(page, "printf '10 %%\\r50 %%\\r'; sleep 0.2; printf '100 %%\\ndone\\n'", true);
        await bar.getByText("exit status 0").waitFor();
        assert.equal((await bar.getByRole("log").innerText()).trim(), "100 %\ndone");
        const stops = await runCommand(page, "sleep 1000");
        await stops.getByRole("button", { name: "Stop" }).click();
        await stops.getByText(/signal 15|cancelled/).first().waitFor();
        await page.getByRole("tab", { name: "Processes" }).click();
        await page.getByText("touch go").waitFor();
        await page.getByRole("tab", { name: "Events" }).click();
        await page.getByText("command ended").first().waitFor();
    },

    async "the processes of an environment are listed while they run, those with most memory first"() {
        const made = await node.create("works");
        const page = await opened();
        await openEnvironment(page, "works", "Processes");
        await page.getByText("A command's processes appear here").waitFor();
        const script = "import subprocess, time; kept = b'x' * (40 << 20); subprocess.run(['sleep', '4242'])";
        const begun = await node.ask("POST", `${environmentsPath}/works/execute?wait=false&stay=true`,
            { arguments: ["python", "-c", script, "--password", "planted-secret"] });
        const table = page.getByRole("table", { name: /^Processes/ });
        const sleeper = table.getByRole("row").filter({ has: page.getByText("sleep 4242", { exact: true }) });
        await sleeper.getByText("sleeping").waitFor();
        const first = table.locator("tbody tr").first();
        await first.filter({ hasText: "--password ****" }).getByText(/^4\d(\.\d)? MB$|^5\d(\.\d)? MB$/).waitFor();
        assert.ok(!(await page.content()).includes("planted-secret"));
        const told = await node.ask("GET", `${environmentsPath}/works/processes`);
        const one = told.processes.find((process) => process.command_line === "sleep 4242");
        assert.equal(await sleeper.getByRole("cell").first().innerText(), String(one.pid));
        // A long command line is read in full by the keyboard.
        await first.locator(".command").focus();
        assert.equal(await first.locator(".command").evaluate((line) => line.scrollHeight <= line.clientHeight + 1), true);
        await node.ask("DELETE", `/api/v1/operations/${begun.id}`);
        await sleeper.waitFor({ state: "detached" });
        await page.getByText("A command's processes appear here").waitFor();
        assert.equal((await node.ask("GET", `${environmentsPath}/${made.id}/processes`)).total, 0);
    },

    async "a terminal takes keys and shows what the program writes, in colour"() {
        await node.create("types");
        const page = await opened();
        await openEnvironment(page, "types", "Terminal");
        await page.getByLabel("Command on the terminal").fill("sh");
        await page.getByRole("button", { name: "Open" }).click();
        const screen = page.locator(".xterm-rows");
        await screen.waitFor();
        await page.keyboard.type("printf '\\033[38;2;10;200;30m%s\\033[0m\\n' $((6 * 7))x; stty size\n");
        await screen.getByText("42x").waitFor();
        const colour = await screen.getByText("42x", { exact: true }).evaluate((one) => getComputedStyle(one).color);
        assert.equal(colour, "rgb(10, 200, 30)");
        const [, rows, columns] = /(\d+) (\d+)\s*$/m.exec((await screen.innerText()).replaceAll("\u00a0", " ").trim().split("\n").filter((line) => /^\d+ \d+$/.test(line.trim())).join("\n"));
        assert.ok(Number(columns) > 80 && Number(rows) > 10, `${rows} ${columns}`);
        await page.keyboard.type("exit 5\n");
        await page.getByText("exit status 5").waitFor();
    },

    async "packages are listed when they are installed, and refusals are shown"() {
        await node.create("packs");
        const page = await opened();
        await openEnvironment(page, "packs", "Packages");
        await page.getByText("No packages.").waitFor();
        const install = async (text) => {
            await page.getByLabel("Packages to install").fill(text);
            await page.getByRole("button", { name: "Install" }).click();
        };
        await install("--bad");
        await page.getByRole("alert").waitFor();
        await install(`sample-thing @ file://${await writeWheel(node.folder)}`);
        await page.getByText("Installed sample-thing 1.5").waitFor();
        await page.getByRole("listitem").filter({ hasText: "sample-thing" }).getByText("1.5").waitFor();
        await page.getByRole("button", { name: "Remove sample-thing" }).click();
        await page.getByText("Removed sample-thing 1.5").waitFor();
        await page.getByText("No packages.").waitFor();
    },

    async "an environment ends after a question, and its receipt says that nothing is left"() {
        await node.create("goes");
        const page = await opened();
        await openEnvironment(page, "goes");
        await page.getByRole("button", { name: "End", exact: true }).click();
        await page.getByRole("button", { name: "Keep it" }).click();
        await page.getByRole("button", { name: "End", exact: true }).click();
        await page.getByRole("button", { name: "End it" }).click();
        await page.getByText(/goes has ended: .* removed, nothing left/).waitFor();
        await heading(page, "Environments").waitFor();
        await page.getByRole("link", { name: "Receipts" }).click();
        await page.getByRole("row").filter({ hasText: "goes" }).getByText("nothing", { exact: true }).waitFor();
        await page.getByRole("link", { name: "Events", exact: true }).click();
        await page.getByText("environment gone").first().waitFor();
        await page.getByRole("link", { name: "Node", exact: true }).click();
        await page.getByRole("tree").getByText("reaper").waitFor();
    },

    async "a hundred environments are shown, filtered and sorted"() {
        await node.endAll();
        const names = Array.from({ length: 100 }, (_, at) => `many-${String(at).padStart(3, "0")}`);
        const page = await opened();
        for (let at = 0; at < names.length; at += 10) await Promise.all(names.slice(at, at + 10).map((name) => node.create(name)));
        await page.getByText("100 environments").waitFor();
        assert.equal(await page.locator("tbody tr").count(), 100);
        await page.getByRole("button", { name: "Environment", exact: true }).click();
        await page.locator("tbody tr").first().filter({ hasText: "many-000" }).waitFor();
        await page.getByRole("button", { name: "Environment", exact: true }).click();
        await page.locator("tbody tr").first().filter({ hasText: "many-099" }).waitFor();
        await page.keyboard.press("/");
        await page.keyboard.type("many-04");
        await page.getByText("10 of 100").waitFor();
        // How long the page is busy with a second of a hundred living rows.
        await page.getByLabel("Filter").fill("");
        const busy = await page.evaluate(() => new Promise((go) => {
            let sum = 0;
            const watch = new PerformanceObserver((list) => list.getEntries().forEach((one) => (sum += one.duration)));
            watch.observe({ entryTypes: ["longtask"] });
            setTimeout(() => go(sum), 3000);
        }));
        console.log(`        tasks longer than 50 ms in 3 s with a hundred rows: ${Math.round(busy)} ms in all`);
        await node.endAll();
        await page.getByText("No environments.").waitFor();
    },

    ...connectionSteps({ node, context, heading, row, openEnvironment, runCommand }),

    async "all of it is possible by the keyboard alone"() {
        const page = await opened();
        const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute("aria-label") || "");
        await page.keyboard.press("Tab");
        assert.equal(await focused(), "Skip to the content");
        const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
        assert.notEqual(outline, "none");
        await page.keyboard.press("n");
        await page.getByRole("dialog", { name: "New environment" }).waitFor();
        await page.keyboard.type("by-keys");
        await page.keyboard.press("Enter");
        await heading(page, "by-keys").waitFor();
        await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Command");
        await page.keyboard.type("python -c 'print(3 * 5)'");
        await page.keyboard.press("Enter");
        await page.getByRole("log").getByText("15").waitFor();
        await page.getByRole("tab", { name: "Run" }).focus();
        await page.keyboard.press("ArrowRight");
        await page.keyboard.press("ArrowRight");
        await page.getByRole("tab", { name: "Packages", selected: true }).waitFor();
        for (let left = 40; left > 0 && (await focused()) !== "End"; --left) await page.keyboard.press("Shift+Tab");
        await page.keyboard.press("Enter");
        await page.getByRole("dialog").waitFor();
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await page.waitForFunction(() => document.activeElement?.textContent?.trim() === "End");
        await page.keyboard.press("Enter");
        await page.waitForFunction(() => document.activeElement?.textContent === "Keep it");
        await page.keyboard.press("Tab");
        await page.waitForFunction(() => document.activeElement?.textContent?.trim() === "End it");
        await page.keyboard.press("Enter");
        await page.getByText(/by-keys has ended/).waitFor();
        await page.getByText("No environments.").or(page.locator("tbody")).first().waitFor();
        assert.ok(!(await node.ask("GET", environmentsPath)).items.some((one) => one.name === "by-keys"));
    },

    async "a session that only shows has no buttons that change something"() {
        await node.create("looked-at");
        const page = await opened({}, "--read-only");
        await row(page, "looked-at").waitFor();
        assert.equal(await page.getByRole("button", { name: /New environment|End/ }).count(), 0);
        await page.getByText("read only").waitFor();
        await openEnvironment(page, "looked-at", "Terminal");
        await page.getByText("This session only shows.").waitFor();
    },

    async "it is light or dark as the system is, and as the user chooses"() {
        await prepareScene();
        const seen = [];
        for (const colorScheme of ["light", "dark"]) {
            const page = await opened({ colorScheme, viewport: { width: 1180, height: 780 } });
            await page.locator(".spark .line").first().waitFor({ state: "attached" });
            const shoot = (name) => page.screenshot(pictures ? { path: join(pictures, `page-${name}-${colorScheme}.png`) } : {});
            await settle(page);
            await shoot("list");
            seen.push(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
            await openEnvironment(page, "data-pipeline");
            await page.locator(".graph .line").first().waitFor({ state: "attached" });
            const run = await runCommand(page, "python -c 'import sys; print(sys.version)'");
            await run.getByText("exit status 0").waitFor();
            await page.getByLabel("Command", { exact: true }).blur();
            await settle(page);
            await shoot("environment");
            await page.getByRole("tab", { name: "Processes" }).click();
            await page.locator(".processes tbody td[data-label=CPU]").filter({ hasText: "%" }).first().waitFor();
            await page.getByRole("tabpanel").scrollIntoViewIfNeeded();
            await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
            await settle(page);
            await shoot("processes");
        }
        assert.notEqual(seen[0], seen[1]);
        const page = await opened({ colorScheme: "light" });
        await page.getByRole("button", { name: /^Colours/ }).click();
        await page.getByRole("button", { name: "Colours: light" }).click();
        await page.getByRole("button", { name: "Colours: dark" }).waitFor();
        assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), seen[1]);
        await page.reload();
        await page.getByRole("button", { name: "Colours: dark" }).waitFor();
    },

    async "on a small screen nothing is cut off"() {
        await node.create("on-a-small-screen");
        const page = await opened({ viewport: { width: 380, height: 760 } });
        await page.getByRole("link", { name: "on-a-small-screen" }).waitFor();
        const width = () => page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok((await width()) <= 380, String(await width()));
        await openEnvironment(page, "on-a-small-screen");
        assert.ok((await width()) <= 380, String(await width()));
    },
};

/// Something to see on pictures; while tests run a glance at it is enough.
async function prepareScene() {
    await node.endAll();
    const limits = { resource_limits: { max_processes: 20 } };
    for (const [name, ttl] of [["ci-backend", 1800], ["ci-frontend-lint", 900], ["nightly-regression", 7200], ["data-pipeline", 3600], ["notebook-ada", 28800], ["review-4127", 600]])
        await node.create(name, { ttl, ...limits });
    const works = "import math, time\nfor i in range(10 ** 6):\n  kept = bytearray(int((40 + 26 * math.sin(i / 5)) * 2 ** 20))\n  end = time.time() + 0.2 + 0.15 * math.sin(i / 3)\n  while time.time() < end: pass\n  time.sleep(0.55)";
    for (const name of ["data-pipeline", "nightly-regression"])
        await node.ask("POST", `${environmentsPath}/${name}/execute?wait=false&stay=true`, { arguments: ["python", "-c", works] });
    if (pictures) await new Promise((go) => setTimeout(go, 150_000));
}

const settle = (page) => page.evaluate(() => document.fonts.ready.then(() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))));

async function main() {
    await node.start();
    browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-dev-shm-usage", `--disk-cache-dir=${profile}`] });
    const chosen = Object.entries(steps).filter(([name]) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
    let failed = 0;
    for (const [name, step] of chosen) {
        const began = Date.now();
        try {
            await step();
            console.log(`passed  ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
        } catch (problem) {
            failed += 1;
            console.log(`FAILED  ${name}\n${problem.stack}`);
        }
        for (const one of browser.contexts()) await one.close();
    }
    if (complaints.length || [...hosts].some((host) => !/^gestvenv-[0-9a-f]{8}\.localhost:\d+$/.test(host))) {
        failed += 1;
        console.log(`FAILED  no request leaves the machine, and the content policy is kept\n${[...hosts, ...complaints].join("\n")}`);
    } else console.log("passed  no request leaves the machine, and the content policy is kept");
    if (firstPaints.length > 0) {
        firstPaints.sort((a, b) => a - b);
        const [least, median] = [firstPaints[0], firstPaints[Math.floor(firstPaints.length / 2)]].map(Math.round);
        console.log(`        first paint after ${least} ms, median ${median} ms of ${firstPaints.length}; files ${Math.round(sizesOf(packages).total / 1024)} KB compressed`);
    }
    console.log(`${chosen.length + 1 - failed} passed, ${failed} failed`);
    if (failed) console.log(node.log);
    return failed || chosen.length === 0 ? 1 : 0;
}

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(name, async () => {
        await browser?.close();
        await node.stop();
        process.exit(1);
    });

let status = 1;
try {
    status = await main();
} finally {
    await browser?.close();
    await node.stop();
    rmSync(profile, { recursive: true, force: true });
}
process.exit(status);
