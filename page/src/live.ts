// SPDX-License-Identifier: MIT
// The node's state as it is now: the stream of events says when something has changed.
import { batch, computed, signal } from "@preact/signals";
import { readEvents } from "./event_reader";
import { environmentsPath, get, pathOf, problemOf, request } from "./node";
import type { Environment, Listed, NodeInfo, NumberedEvent, RuntimeEvent, Sample, Session, Totals } from "./types";

export type Connection = "connecting" | "live" | "lost" | "paused" | "ended";

const mostEvents = 1000;
const mostSamples = 60;
/// Of the environment whose own view is shown: an hour, as the node has it.
const mostOfWatched = 720;
/// Of more environments the small graphs begin with what comes.
const mostWithHistory = 200;
const askers = 3;
/// Milliseconds between looks whether there is anything whose usage could be shown.
const untilWanted = 150;

export const session = signal<Session | null>(null);
export const connection = signal<Connection>("connecting");
/// When it is tried again.
export const retryAt = signal(0);
export const environments = signal<ReadonlyMap<string, Environment>>(new Map());
export const hasList = signal(false);
/// Oldest first, by environment.
export const samples = signal<ReadonlyMap<string, Sample[]>>(new Map());
export const totals = signal<Totals | null>(null);
/// The environment whose own view is shown.
export const watched = signal("");
/// Newest first.
export const events = signal<readonly NumberedEvent[]>([]);
/// Events that the node no longer had when the connection came back.
export const missedEvents = signal(0);
export const info = signal<NodeInfo | null>(null);
export const now = signal(Date.now());
/// Counts up with every teardown: the receipts have changed.
export const endings = signal(0);

export const mayWrite = computed(() => session.value !== null && session.value.right !== "read");
export const mayAdmin = computed(() => session.value?.right === "admin");

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/// Entries that have not changed stay the same object, so that their rows are not drawn again.
function take(list: Environment[]) {
    const before = environments.value;
    const after = new Map<string, Environment>();
    let changed = list.length !== before.size;
    for (const one of list) {
        const known = before.get(one.id);
        const kept = known && same(known, one) ? known : one;
        changed ||= kept !== known;
        after.set(one.id, kept);
    }
    batch(() => {
        if (changed) environments.value = after;
        hasList.value = true;
    });
}

let listTimer = 0;
let listCost = 0;
let listRuns = false;
let listAgain = false;

async function loadList() {
    if (listRuns) {
        listAgain = true;
        return;
    }
    listRuns = true;
    const began = performance.now();
    try {
        take((await get<Listed<Environment>>(`${environmentsPath}?limit=10000`)).items);
    } catch (failed) {
        seeEnd(failed);
    }
    listCost = performance.now() - began;
    listRuns = false;
    if (listAgain) {
        listAgain = false;
        refresh();
    }
}

/// Soon, and once for all that happens until then.
export function refresh() {
    if (listTimer) return;
    listTimer = window.setTimeout(() => {
        listTimer = 0;
        void loadList();
        void loadTotals();
    }, Math.max(120, 3 * listCost));
}

async function loadTotals() {
    try {
        totals.value = await get<Totals>("/api/v1/ephemeral/stats");
    } catch (failed) {
        seeEnd(failed);
    }
}

function seeEnd(failed: unknown) {
    if (problemOf(failed).status === 401) connection.value = "ended";
}

/// Those that are newer than what is known.
export function addSamples(found: Iterable<readonly [id: string, fresh: Sample[]]>) {
    const after = new Map(samples.value);
    let changed = false;
    for (const [id, fresh] of found) {
        const known = after.get(id) ?? [];
        const last = known.at(-1)?.at ?? "";
        const added = fresh.filter((one) => one.at > last);
        if (!added.length) continue;
        after.set(id, [...known, ...added].slice(id === watched.value ? -mostOfWatched : -mostSamples));
        changed = true;
    }
    for (const id of after.keys()) if (!environments.value.has(id)) changed = after.delete(id);
    if (changed) samples.value = after;
}

/// What a small graph shows, of those that have just appeared.
async function loadHistories() {
    const ids = [...environments.value.keys()].filter((id) => !samples.value.has(id)).slice(-mostWithHistory);
    const found: [string, Sample[]][] = [];
    const work = ids.values();
    const asker = async () => {
        for (const id of work) found.push([id, await get<Sample[]>(`${pathOf(id)}/usage/history?most=${mostSamples}`).catch(() => [])]);
    };
    await Promise.all(Array.from({ length: askers }, asker));
    addSamples(found);
}

/// Of all in one answer, which has them measured.
async function loadUsage() {
    try {
        const all = await get<{ id: string; sample: Sample | null }[]>("/api/v1/ephemeral/usage");
        addSamples(all.map(({ id, sample }) => [id, sample ? [sample] : []] as const));
    } catch (failed) {
        seeEnd(failed);
    }
}

function hear(event: NumberedEvent) {
    const known = events.value;
    const last = known[0]?.number ?? 0;
    if (event.number <= last) return;
    if (last > 0 && event.number > last + 1 && mayAdmin.value) missedEvents.value += event.number - last - 1;
    events.value = [event, ...known.slice(0, mostEvents - 1)];
    if (event.kind === "environment_gone") {
        endings.value += 1;
        if (environments.value.has(event.environment_id)) {
            const left = new Map(environments.value);
            left.delete(event.environment_id);
            environments.value = left;
        }
    }
    // Not for events of long ago, which come at the beginning.
    const isNews = Date.now() - Date.parse(event.at) < 5000;
    if (isNews && (event.kind === "environment_ready" || event.kind.startsWith("command_"))) window.setTimeout(() => void watchOne(event.environment_id), 400);
    if (event.environment_id || event.kind === "configuration_changed") refresh();
}

async function watchOne(id: string) {
    if (!environments.value.has(id)) return;
    try {
        addSamples([[id, await get<Sample[]>(`${pathOf(id)}/usage/history?most=${samples.value.has(id) ? 2 : mostSamples}`)]]);
    } catch (failed) {
        seeEnd(failed);
    }
}

let lastHeard = 0;
let heard: NumberedEvent[] = [];

/// What comes together is drawn together.
function note(event: NumberedEvent) {
    lastHeard = event.number;
    heard.push(event);
    if (heard.length > 1) return;
    window.setTimeout(() => {
        const all = heard;
        heard = [];
        batch(() => all.forEach(hear));
    }, 16);
}

let stopFollowing: AbortController | null = null;
let wake: (() => void) | null = null;

/// Until the node says that the session has ended. Between two tries the wait grows.
async function follow() {
    let pause = 500;
    for (;;) {
        if (document.hidden) {
            connection.value = "paused";
            await new Promise<void>((go) => (wake = go));
            continue;
        }
        stopFollowing = new AbortController();
        try {
            const stream = readEvents("/api/v1/events", String(lastHeard), stopFollowing.signal, () => {
                pause = 500;
                connection.value = "live";
                void loadList();
                void loadTotals();
            });
            for await (const one of stream) note({ ...(JSON.parse(one.data) as RuntimeEvent), number: Number(one.id) });
        } catch (failed) {
            seeEnd(failed);
        }
        if (connection.value === "ended") return;
        if (stopFollowing.signal.aborted) continue;
        connection.value = "lost";
        retryAt.value = Date.now() + pause;
        await new Promise<void>((go) => {
            wake = go;
            window.setTimeout(go, pause);
        });
        pause = Math.min(pause * 1.7, 5000);
    }
}

export const tryNow = () => wake?.();

/// A browser has six connections for a name: a tab that is not looked at gives its own back.
function heedVisibility() {
    let timer = 0;
    document.addEventListener("visibilitychange", () => {
        window.clearTimeout(timer);
        if (document.hidden) timer = window.setTimeout(() => stopFollowing?.abort(), 5000);
        else wake?.();
    });
}

/// For the node's idle end a person at work counts, and an open page does not.
function tellActivity() {
    let last = 0;
    const told = () => {
        if (Date.now() - last < 10_000 || connection.value !== "live") return;
        last = Date.now();
        request("POST", "/page/activity").catch(seeEnd);
    };
    for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, told, { passive: true });
}

export function start() {
    void follow();
    heedVisibility();
    tellActivity();
    get<NodeInfo>("/api/v1/system/info").then((found) => (info.value = found), seeEnd);
    window.setInterval(() => (now.value = Date.now()), 1000);
    const usage = async () => {
        const wanted = !document.hidden && connection.value === "live" && environments.value.size > 0;
        if (wanted) {
            await loadHistories();
            await loadUsage();
            await loadTotals();
        }
        window.setTimeout(usage, wanted ? 1000 * Math.max(1, info.value?.configuration.monitoring_interval ?? 5) : untilWanted);
    };
    void usage();
}
