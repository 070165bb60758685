// SPDX-License-Identifier: MIT
// What an environment runs now: its processes, read anew every two seconds, and the commands of clients over REST.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { bytes, duration, moment, percent, secondsSince, span } from "../format";
import { connection, events, mayWrite, samples } from "../live";
import { complain } from "../notices";
import { get, pathOf, Problem, problemOf } from "../node";
import { Stop } from "../parts/icons";
import { cancel } from "../runs";
import type { Environment, Listed, Operation, Process, ProcessList } from "../types";

const mostShown = 100;
const interval = 2000;

/// `cpu` is percent of a core since the list before, and unset for a process that was not in it.
type Shown = Process & { cpu?: number };

const list = signal<{ id: string; at: string; total: number; processes: Shown[] } | null>(null);
const refused = signal<Problem | null>(null);
const operations = signal<readonly Operation[]>([]);

/// A number is used again, so the start belongs to it.
const keyOf = (one: Process) => `${one.pid} ${one.started_at}`;

function take(id: string, found: ProcessList) {
    const before = list.value?.id === id ? list.value : null;
    const passed = before ? (Date.parse(found.at) - Date.parse(before.at)) / 1000 : 0;
    const used = new Map(before?.processes.map((one) => [keyOf(one), one.cpu_time]));
    const processes = found.processes.map((one) => {
        const earlier = used.get(keyOf(one));
        return earlier === undefined || passed <= 0 ? one : { ...one, cpu: Math.max(0, ((one.cpu_time - earlier) / passed) * 100) };
    });
    list.value = { id, at: found.at, total: found.total, processes };
    refused.value = null;
}

/// One request at a time; none while the page is not looked at or has no connection.
function useProcesses(id: string) {
    useEffect(() => {
        const stop = new AbortController();
        let timer = 0;
        const read = async () => {
            if (!document.hidden && connection.value === "live") {
                try {
                    take(id, await get<ProcessList>(`${pathOf(id)}/processes?most=${mostShown}`, stop.signal));
                } catch (failed) {
                    if (stop.signal.aborted) return;
                    refused.value = problemOf(failed);
                }
            }
            timer = window.setTimeout(read, interval);
        };
        list.value = null;
        refused.value = null;
        void read();
        return () => {
            stop.abort();
            window.clearTimeout(timer);
        };
    }, [id]);
}

const Row = ({ one, at }: { one: Shown; at: string }) => (
    <tr>
        <th scope="row">
            {/* It is cut to two lines until the pointer or the keyboard is on it. */}
            <code class="command" tabIndex={0}>{one.command_line || `[${one.name}]`}</code>
        </th>
        <td data-label="PID" class="number">{one.pid}</td>
        <td data-label="Inside" class="number">{one.pid_in_environment ?? "–"}</td>
        <td data-label="Parent" class="number">{one.parent_pid}</td>
        <td data-label="State">{one.state}</td>
        <td data-label="Memory" class="number">{bytes(one.memory_bytes)}</td>
        <td data-label="CPU" class="number">{one.cpu === undefined ? "–" : percent(one.cpu)}</td>
        <td data-label="CPU time" class="number">{duration(one.cpu_time)}</td>
        <td data-label="Threads" class="number">{one.threads}</td>
        <td data-label="Age" class="number">{span(secondsSince(one.started_at, Date.parse(at)))}</td>
    </tr>
);

function Table() {
    const all = list.value;
    if (refused.value) return <p class="refusal" role="alert"><span class="whole-text">{refused.value.message}</span>{refused.value.hint && <span class="hint">{refused.value.hint}</span>}</p>;
    if (!all) return <p class="quiet pad">Loading…</p>;
    if (all.processes.length === 0) return <p class="quiet pad">None. A command's processes appear here while it runs.</p>;
    return (
        <>
            <div class="scrolled">
                <table class="list processes">
                    <caption class="hidden">Processes, those with most memory first</caption>
                    <thead>
                        <tr>
                            <th scope="col" class="wide">Command</th>
                            <th scope="col"><abbr title="the number by which the host knows it">PID</abbr></th>
                            <th scope="col"><abbr title="its number for the processes of the environment">Inside</abbr></th>
                            <th scope="col"><abbr title="the PID of its parent">Parent</abbr></th>
                            <th scope="col">State</th>
                            <th scope="col" aria-sort="descending">Memory</th>
                            <th scope="col">CPU</th>
                            <th scope="col">CPU time</th>
                            <th scope="col">Threads</th>
                            <th scope="col">Age</th>
                        </tr>
                    </thead>
                    <tbody>{all.processes.map((one) => <Row key={keyOf(one)} one={one} at={all.at} />)}</tbody>
                </table>
            </div>
            {all.total > all.processes.length && <p class="quiet">The {all.processes.length} with most memory, of {all.total}.</p>}
        </>
    );
}

function Operations({ environment }: { environment: Environment }) {
    const changed = events.value.find((one) => one.environment_id === environment.id)?.number;
    useEffect(() => {
        const stop = new AbortController();
        get<Listed<Operation>>("/api/v1/operations?limit=1000", stop.signal).then(
            ({ items }) => (operations.value = items.filter((one) => one.environment === environment.id)),
            (failed) => stop.signal.aborted || complain("The operations cannot be shown", failed),
        );
        return () => stop.abort();
    }, [environment.id, changed]);
    if (operations.value.length === 0) return <p class="quiet pad">None of this environment.</p>;
    return (
        <ol class="events">
            {operations.value.map((one) => (
                <li key={one.id} class={one.status === "failed" ? "bad" : one.status === "running" ? "good" : ""}>
                    <time class="number" dateTime={one.started_at}>{moment(one.started_at)}</time>
                    <span class="kind"><i aria-hidden="true" />{one.kind}</span>
                    <span class="whose">{one.status === "running" ? "running" : one.result ? `exit status ${one.result.returncode}` : one.status}</span>
                    <span class="what">
                        {one.result ? <code>{one.result.command}</code> : (one.problem?.message ?? "")}
                        {one.result && <span class="quiet"> {duration(one.result.duration)}</span>}
                        {one.status === "running" && mayWrite.value && one.kind !== "install" && (
                            <button type="button" class="small" onClick={() => cancel(one.id).catch((failed) => complain("It cannot be stopped", failed))}><Stop /> Stop</button>
                        )}
                    </span>
                </li>
            ))}
        </ol>
    );
}

export function ProcessesPanel({ environment }: { environment: Environment }) {
    useProcesses(environment.id);
    const last = samples.value.get(environment.id)?.at(-1);
    return (
        <>
            <dl class="facts four">
                <div><dt>Processes</dt><dd class="number">{list.value?.total ?? last?.processes ?? "–"}</dd></div>
                <div><dt>Threads</dt><dd class="number">{last?.threads ?? "–"}</dd></div>
                <div><dt>Read from devices</dt><dd class="number">{last ? bytes(last.io_read_bytes) : "–"}</dd></div>
                <div><dt>Written to devices</dt><dd class="number">{last ? bytes(last.io_written_bytes) : "–"}</dd></div>
            </dl>
            <h3>Processes</h3>
            <Table />
            <h3>Operations</h3>
            <Operations environment={environment} />
        </>
    );
}
