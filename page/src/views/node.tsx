// SPDX-License-Identifier: MIT
// The node itself: its supervision tree, what its machine can do, and its configuration.
import { useEffect, useState } from "preact/hooks";
import { moment, span, words, secondsSince } from "../format";
import { environments, events, info, mayAdmin, now } from "../live";
import { complain } from "../notices";
import { get } from "../node";
import { linkTo } from "../route";

interface Child {
    name: string;
    id?: string;
    state: string;
    restart: string;
    restarts?: number;
    incarnation?: number;
}

interface Tree {
    name: string;
    strategy: string;
    dead_letters: number;
    waiting_for_room: number;
    environments: Child[];
    services: { name: string; strategy: string; intensity: number; period_seconds: number; children: Child[] };
}

const Leaf = ({ child, link }: { child: Child; link?: boolean }) => (
    <li role="treeitem" class={child.state === "running" ? "" : "bad"}>
        <span class="knot"><i aria-hidden="true" /></span>
        {link && child.id && environments.value.has(child.id) ? <a href={linkTo("environments", child.id)}>{child.name}</a> : <span>{words(child.name)}</span>}
        <span class="quiet">{child.state}, {child.restart}{child.restarts ? `, started again ${child.restarts} times` : ""}</span>
    </li>
);

function TreeView({ tree }: { tree: Tree }) {
    return (
        <ul class="tree" role="tree" aria-label="Supervision tree">
            <li role="treeitem" aria-expanded="true">
                <span class="knot root"><i aria-hidden="true" /></span>
                <b>{tree.name.replace("gestvenv.", "")}</b>
                <span class="quiet">{words(tree.strategy)}{tree.waiting_for_room ? `, ${tree.waiting_for_room} wait for room` : ""}{tree.dead_letters ? `, ${tree.dead_letters} dead letters` : ""}</span>
                <ul role="group">
                    <li role="treeitem" aria-expanded="true">
                        <span class="knot"><i aria-hidden="true" /></span>
                        <b>services</b>
                        <span class="quiet">{words(tree.services.strategy)}, at most {tree.services.intensity} restarts in {span(tree.services.period_seconds)}</span>
                        <ul role="group">{tree.services.children.map((one) => <Leaf key={one.name} child={one} />)}</ul>
                    </li>
                    {tree.environments.map((one) => <Leaf key={one.id} child={one} link />)}
                </ul>
            </li>
        </ul>
    );
}

const settingText = (value: unknown) => (value === null || value === "" ? "–" : typeof value === "boolean" ? (value ? "yes" : "no") : String(value));

export function NodeView() {
    const [tree, setTree] = useState<Tree | null>(null);
    const newest = events.value[0]?.number;
    useEffect(() => {
        if (!mayAdmin.value) return;
        const stop = new AbortController();
        const wait = window.setTimeout(
            () => get<Tree>("/api/v1/system/tree", stop.signal).then(setTree, (failed) => stop.signal.aborted || complain("The tree cannot be shown", failed)),
            tree ? 400 : 0,
        );
        return () => {
            window.clearTimeout(wait);
            stop.abort();
        };
    }, [newest, environments.value.size]);
    const it = info.value;
    return (
        <>
            <div class="view-head"><h1>Node</h1></div>
            {it && (
                <dl class="facts four lead-facts">
                    <div><dt>Version</dt><dd>{it.version}</dd></div>
                    <div><dt>Process</dt><dd class="number">{it.pid}</dd></div>
                    <div><dt>Since</dt><dd>{moment(it.started_at)}</dd></div>
                    <div><dt>Up</dt><dd class="number">{span(secondsSince(it.started_at, now.value))}</dd></div>
                </dl>
            )}
            <h2>Supervision tree</h2>
            {tree ? <div class="sheet pad"><TreeView tree={tree} /></div> : !mayAdmin.value && <p class="quiet">Shown to administrators alone.</p>}
            {it && (
                <>
                    <h2>Machine</h2>
                    <dl class="facts">
                        <div><dt>Processes contained by</dt><dd>{words(it.abilities.best)}</dd></div>
                        <div><dt>Memory limited by</dt><dd>{it.abilities.memory_limited_by || "nothing"}</dd></div>
                        <div><dt>CPU limited by</dt><dd>{it.abilities.cpu_limited_by || "nothing"}</dd></div>
                        <div><dt>Threads limited by</dt><dd>{it.abilities.threads_limited_by || "nothing"}</dd></div>
                        <div><dt>Storage of its own</dt><dd>{it.abilities.storage_mounts ? "a tmpfs for each" : "folders"}</dd></div>
                    </dl>
                    {it.abilities.limitations.map((one) => <p key={one} class="remark">{one}</p>)}
                    <h2>Configuration</h2>
                    <dl class="facts">{Object.entries(it.configuration).map(([name, value]) => <div key={name}><dt><code>{name}</code></dt><dd>{settingText(value)}</dd></div>)}</dl>
                </>
            )}
        </>
    );
}
