// SPDX-License-Identifier: MIT
// One environment: what it uses, what happens in it, and what can be done with it.
import { signal } from "@preact/signals";
import { lazy, Suspense } from "preact/compat";
import { useEffect } from "preact/hooks";
import { EndDialog } from "./end";
import { EventRows } from "./events";
import { PackagesPanel } from "./packages_panel";
import { ProcessesPanel } from "./processes_panel";
import { RunPanel } from "./run_panel";
import { bytes, moment, percent, span, words } from "../format";
import { addSamples, environments, events, hasList, mayWrite, now, samples, watched } from "../live";
import { complain, notify } from "../notices";
import { ask, get, pathOf } from "../node";
import { Graph, roundUp } from "../parts/graph";
import { Back, Stop } from "../parts/icons";
import { Age, Left, ShortId, State } from "../parts/state";
import { Tabs } from "../parts/tabs";
import { go, linkTo } from "../route";
import type { Environment, Sample } from "../types";

const TerminalPanel = lazy(() => import("./terminal_panel").then((found) => ({ default: found.TerminalPanel })));

const tabs = [["run", "Run"], ["terminal", "Terminal"], ["packages", "Packages"], ["processes", "Processes"], ["events", "Events"], ["details", "Details"]] as const;
const windows = [[600_000, "10 min"], [3_600_000, "1 h"]] as const;

const leastWindow = 60_000;

const shownWindow = signal<number>(windows[0][0]);
/// The whole history of the environment that is shown, oldest first.
const history = signal<{ id: string; list: Sample[] }>({ id: "", list: [] });
const ending = signal(false);

function Graphs({ id }: { id: string }) {
    useEffect(() => {
        const stop = new AbortController();
        watched.value = id;
        get<Sample[]>(`${pathOf(id)}/usage/history?most=720`, stop.signal).then(
            (list) => {
                history.value = { id, list };
                addSamples([[id, list]]);
            },
            (failed) => stop.signal.aborted || complain("The history cannot be shown", failed),
        );
        return () => {
            watched.value = "";
            stop.abort();
        };
    }, [id]);
    const recent = samples.value.get(id) ?? [];
    const old = history.value.id === id ? history.value.list : [];
    const first = recent[0]?.at ?? "~";
    const all = [...old.filter((one) => one.at < first), ...recent];
    const last = all.at(-1);
    const end = Math.max(now.value, last ? Date.parse(last.at) : 0);
    const points = (pick: (one: Sample) => number) => all.map((one) => ({ at: Date.parse(one.at), value: pick(one) }));
    const inside = all.filter((one) => Date.parse(one.at) > end - shownWindow.value);
    const most = (pick: (one: Sample) => number) => inside.reduce((top, one) => Math.max(top, pick(one)), 0);
    const memoryTop = Math.max(roundUp(most((one) => one.memory_bytes) * 1.15, 2), 4 << 20);
    const diskTop = Math.max(roundUp(most((one) => one.disk_bytes) * 1.15, 2), 1 << 20);
    const cpuTop = Math.max(roundUp(most((one) => one.cpu_percent) * 1.1, 10), 10);
    // A young environment fills the width all the same.
    const age = all[0] ? end - Date.parse(all[0].at) : 0;
    const shared = { window: Math.min(shownWindow.value, Math.max(leastWindow, age)), now: end };
    return (
        <section class="graphs" aria-label="Usage">
            <div class="segments" role="group" aria-label="Period">
                {windows.map(([length, name]) => <button key={length} type="button" aria-pressed={shownWindow.value === length} onClick={() => (shownWindow.value = length)}>{name}</button>)}
            </div>
            <div class="graph-row">
                <Graph title="Memory" tone="memory" points={points((one) => one.memory_bytes)} show={bytes} top={memoryTop} limit={last?.memory_limit_bytes ?? null} {...shared}
                    detail={last?.memory_limit_bytes ? `of ${bytes(last.memory_limit_bytes)}` : last ? `peak ${bytes(last.memory_peak_bytes)}` : ""} />
                <Graph title="CPU" tone="cpu" points={points((one) => one.cpu_percent)} show={percent} top={cpuTop} {...shared} detail="of a core" />
                <Graph title="Disk" tone="disk" points={points((one) => one.disk_bytes)} show={bytes} top={diskTop} limit={last?.disk_limit_bytes ?? null} {...shared}
                    detail={last?.disk_limit_bytes ? `of ${bytes(last.disk_limit_bytes)}` : ""} />
            </div>
        </section>
    );
}

function Details({ environment: it }: { environment: Environment }) {
    const limits = it.resource_limits;
    const rows: [string, string][] = [
        ["Id", it.id],
        ["Python", it.python_version],
        ["Installed by", it.backend],
        ["Made", moment(it.created_at)],
        ["Last activity", moment(it.last_activity)],
        ["Ends", it.expires_at ? moment(it.expires_at) : "no time to live"],
        ["Ends when idle for", it.max_idle_time === "unlimited" ? "never" : span(it.max_idle_time)],
        ["Memory limit", limits.max_memory ? `${limits.max_memory} MB` : "none"],
        ["CPU limit", limits.max_cpu_percent ? percent(limits.max_cpu_percent) : "none"],
        ["Disk limit", limits.max_disk ? `${limits.max_disk} MB` : "none"],
        ["Process limit", String(limits.max_processes)],
        ["Isolation", `${it.isolation_in_force}, ${it.security_mode}`],
        ["Contained by", words(it.containment)],
        ["Storage", it.storage_backend],
        ["Virtual environment", it.venv_path],
        ["On the host", it.host_path],
    ];
    return (
        <>
            <dl class="facts">
                {rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value.includes("/") || name === "Id" ? <code>{value}</code> : value}</dd></div>)}
                {Object.entries(it.tags).map(([name, value]) => <div key={name}><dt>Tag {name}</dt><dd>{value || "–"}</dd></div>)}
            </dl>
            {it.notes.map((note) => <p key={note} class="remark">{note}</p>)}
        </>
    );
}

function Gone({ id }: { id: string }) {
    const last = events.value.find((one) => one.environment_id === id);
    return (
        <div class="empty">
            <p class="lead">{last ? `${last.environment_name} has ended.` : "There is no such environment."}</p>
            {last && <p>{words(last.kind)} at {moment(last.at)}{last.text && `: ${last.text}`}</p>}
            <p><a href={linkTo("receipts")}>Receipts</a> say what was removed. <a href={linkTo()}>All environments</a></p>
        </div>
    );
}

export function EnvironmentView({ id, tab }: { id: string; tab: string }) {
    const environment = environments.value.get(id);
    const shown = tabs.some(([one]) => one === tab) ? tab : "run";
    if (!environment) return hasList.value ? <Gone id={id} /> : null;
    const mine = events.value.filter((one) => one.environment_id === id);
    const mayUse = mayWrite.value && environment.status !== "cleaning_up";
    const keep = () => ask<void>("POST", `${pathOf(id)}/touch`).then(() => notify(`The idle time of ${environment.name} begins anew`), (failed) => complain("It cannot be kept", failed));
    return (
        <>
            <a class="back" href={linkTo()}><Back /> Environments</a>
            <div class="view-head">
                <div>
                    <h1>{environment.name}</h1>
                    <p class="under">
                        <State status={environment.status} />
                        <span>Python {environment.python_version}, {environment.backend}</span>
                        <span>for <Age since={environment.created_at} /></span>
                        <span class="with-left">left <Left environment={environment} /></span>
                        <ShortId id={id} />
                    </p>
                </div>
                {mayUse && (
                    <div class="actions">
                        {environment.max_idle_time !== "unlimited" && <button type="button" onClick={keep}>Keep awake</button>}
                        <button type="button" class="danger" onClick={() => (ending.value = true)}><Stop /> End</button>
                    </div>
                )}
            </div>
            <Graphs id={id} />
            <Tabs label="Parts of the environment" names={tabs} shown={shown} show={(to) => go("environments", id, to)} />
            <section class="panel" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${shown}`}>
                {shown === "run" && <RunPanel environment={environment} mayRun={mayUse} />}
                {shown === "terminal" && (mayUse ? <Suspense fallback={<p class="quiet pad">Loading…</p>}><TerminalPanel environment={environment} /></Suspense> : <p class="quiet pad">This session only shows.</p>)}
                {shown === "packages" && <PackagesPanel environment={environment} mayChange={mayUse} />}
                {shown === "processes" && <ProcessesPanel environment={environment} />}
                {shown === "events" && (mine.length ? <EventRows list={mine} named={false} /> : <p class="quiet pad">No events.</p>)}
                {shown === "details" && <Details environment={environment} />}
            </section>
            {ending.value && <EndDialog environment={environment} close={() => (ending.value = false)} ended={() => go()} />}
        </>
    );
}
