// SPDX-License-Identifier: MIT
// Steps of page_test.mjs in which the connection between a browser and the node is lost.
import assert from "node:assert/strict";
import { environmentsPath, Wire } from "./scene.mjs";

export function connectionSteps({ node, context, heading, row, openEnvironment, runCommand }) {
    const lost = (page) => page.getByRole("alert").filter({ hasText: "The connection to the node is lost" });

    /// A page whose connection to the node goes over a wire that can be cut: the node's side is closed, too.
    async function openedOver(wire, link, heard) {
        const page = await (await context()).newPage();
        page.on("request", (one) => {
            if (new URL(one.url()).pathname === "/api/v1/events") heard?.(one.headers());
        });
        link.port = String(await wire.listen());
        await page.goto(link.href);
        await heading(page, "Environments").waitFor();
        return page;
    }

    return {
        async "a lost connection is said, and comes back with all that was missed"() {
            const link = new URL(await node.link());
            const wire = new Wire(Number(link.port));
            try {
                const page = await openedOver(wire, link);
                await node.create("before");
                await row(page, "before").waitFor();
                await openEnvironment(page, "before");
                const run = await runCommand(page, "for i in 1 2 3; do echo part $i; while [ ! -e go$i ]; do sleep 0.05; done; done", true);
                await run.getByText("part 1").waitFor();
                wire.cut();
                await lost(page).waitFor();
                await node.create("meanwhile");
                await node.create("short-lived");
                await node.ask("DELETE", `${environmentsPath}/short-lived`);
                for (const number of [1, 2, 3]) await node.ask("POST", `${environmentsPath}/before/execute`, { arguments: ["touch", `go${number}`] });
                wire.mend();
                await lost(page).waitFor({ state: "detached" });
                await run.getByText("exit status 0").waitFor();
                assert.equal((await run.getByRole("log").innerText()).trim(), "part 1\npart 2\npart 3");
                await page.getByRole("link", { name: "Environments" }).first().click();
                await row(page, "meanwhile").waitFor();
                await page.getByRole("link", { name: "Events", exact: true }).click();
                await page.getByRole("listitem").filter({ hasText: "short-lived" }).filter({ hasText: "environment gone" }).waitFor();
            } finally {
                wire.close();
            }
        },

        async "what happened while the node's connection was lost is shown when it is back, each event once"() {
            const link = new URL(await node.link());
            const wire = new Wire(Number(link.port));
            const begins = [];
            try {
                const page = await openedOver(wire, link, (headers) => begins.push(Number(headers["last-event-id"])));
                await node.create("wire-stays");
                await page.getByRole("link", { name: "Events", exact: true }).click();
                await page.getByLabel("Filter").fill("wire-");
                const rows = page.locator(".sheet .events li");
                await rows.filter({ hasText: "wire-stays" }).filter({ hasText: "environment ready" }).waitFor();
                for (const round of [1, 2]) {
                    wire.cut();
                    await lost(page).waitFor();
                    for (const number of [1, 2, 3]) {
                        await node.create(`wire-${round}-${number}`);
                        await node.ask("POST", `${environmentsPath}/wire-stays/execute`, { arguments: ["true"] });
                        await node.ask("DELETE", `${environmentsPath}/wire-${round}-${number}`);
                    }
                    wire.mend();
                    await lost(page).waitFor({ state: "detached" });
                    // And what happens from then on.
                    await node.create(`wire-${round}-after`);
                    await rows.filter({ hasText: `wire-${round}-after` }).filter({ hasText: "environment ready" }).waitFor();
                }
                const shown = await rows.evaluateAll((all) => all.map((one) => `${one.querySelector(".whose").textContent} ${one.querySelector(".kind").textContent}`));
                const told = (await node.ask("GET", "/api/v1/events?most=1000"))
                    .filter((one) => one.environment_name.startsWith("wire-"))
                    .map((one) => `${one.environment_name} ${one.kind.replaceAll("_", " ")}`);
                assert.deepEqual(shown.reverse(), told);
                assert.ok(told.filter((one) => one === "wire-2-3 environment gone").length === 1, told.join("\n"));
                // It was asked for what came behind the last event that the page had, and not for all of it again.
                assert.equal(begins[0], 0);
                const later = begins.slice(1);
                assert.ok(later.length >= 2 && later.every((one, at) => one > 0 && one >= (later[at - 1] ?? 0)), begins.join(" "));
                assert.ok(later.at(-1) > later[0], begins.join(" "));
            } finally {
                wire.close();
            }
        },
    };
}
