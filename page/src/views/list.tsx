// SPDX-License-Identifier: MIT
// All environments, live.
import { computed, signal } from "@preact/signals";
import { memo } from "preact/compat";
import { CreateDialog } from "./create";
import { EndDialog } from "./end";
import { bytes, megabytes, percent, plural } from "../format";
import { environments, hasList, mayWrite, samples, totals } from "../live";
import { Down, Plus, Search, Stop, Up } from "../parts/icons";
import { Sparkline } from "../parts/graph";
import { Age, Left, ShortId, State, stateName } from "../parts/state";
import { linkTo } from "../route";
import type { Environment } from "../types";

type Column = "name" | "status" | "age" | "left" | "memory" | "cpu" | "disk";

const filter = signal("");
const order = signal<{ by: Column; down: boolean }>({ by: "age", down: false });
export const creating = signal(false);
const ending = signal<Environment | null>(null);

const latest = (id: string) => samples.value.get(id)?.at(-1);
const never = Number.MAX_SAFE_INTEGER;

const keys: Record<Column, (one: Environment) => number | string> = {
    name: (one) => one.name.toLowerCase(),
    status: (one) => stateName(one.status),
    age: (one) => -Date.parse(one.created_at),
    left: (one) => (one.expires_at ? Date.parse(one.expires_at) : never),
    memory: (one) => latest(one.id)?.memory_bytes ?? 0,
    cpu: (one) => latest(one.id)?.cpu_percent ?? 0,
    disk: (one) => latest(one.id)?.disk_bytes ?? 0,
};

/// Every word of the filter is somewhere in what is shown of it.
function matches(one: Environment, wanted: string[]): boolean {
    const text = [one.name, one.id, stateName(one.status), one.backend, one.python_version,
        ...Object.entries(one.tags).map(([name, value]) => `${name}=${value}`), ...one.packages].join(" ").toLowerCase();
    return wanted.every((word) => text.includes(word));
}

const shown = computed(() => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const key = keys[order.value.by];
    const sign = order.value.down ? -1 : 1;
    return [...environments.value.values()]
        .filter((one) => matches(one, wanted))
        .map((one) => [key(one), one] as const)
        .sort(([a, x], [b, y]) => sign * (a < b ? -1 : a > b ? 1 : 0) || (x.name < y.name ? -1 : 1))
        .map(([, one]) => one);
});

const Usage = ({ id, what }: { id: string; what: "memory" | "cpu" | "disk" }) => {
    const all = samples.value.get(id);
    const last = all?.at(-1);
    if (!last) return <span class="quiet">–</span>;
    if (what === "disk") return <span class="number">{bytes(last.disk_bytes)}</span>;
    const values = all!.map((one) => (what === "memory" ? one.memory_bytes : one.cpu_percent));
    const top = what === "memory" ? Math.max(...values, 1 << 20) * 1.15 : Math.max(...values, 10);
    return (
        <span class="with-spark">
            <span class="number">{what === "memory" ? bytes(last.memory_bytes) : percent(last.cpu_percent)}</span>
            <Sparkline values={values} top={top} tone={what} />
        </span>
    );
};

const Row = memo(({ one }: { one: Environment }) => (
    <tr class={one.status === "cleaning_up" ? "ending" : ""}>
        <th scope="row">
            <a class="row-link" href={linkTo("environments", one.id)}>{one.name}</a>
            <ShortId id={one.id} />
        </th>
        <td data-label="State"><State status={one.status} /></td>
        <td data-label="Python">{one.python_version || "–"} <span class="quiet">{one.backend}</span></td>
        <td data-label="Age" class="number"><Age since={one.created_at} /></td>
        <td data-label="Time left" class="number"><Left environment={one} /></td>
        <td data-label="Memory"><Usage id={one.id} what="memory" /></td>
        <td data-label="CPU"><Usage id={one.id} what="cpu" /></td>
        <td data-label="Disk"><Usage id={one.id} what="disk" /></td>
        <td class="row-actions">
            {mayWrite.value && one.status !== "cleaning_up" && (
                <button type="button" class="plain danger" aria-label={`End ${one.name}`} title="End" onClick={() => (ending.value = one)}><Stop /></button>
            )}
        </td>
    </tr>
));

function Head({ by, children, wide }: { by: Column; children: string; wide?: boolean }) {
    const { by: now, down } = order.value;
    const sorted = now === by;
    return (
        <th scope="col" class={wide ? "wide" : ""} aria-sort={sorted ? (down ? "descending" : "ascending") : "none"}>
            <button type="button" onClick={() => (order.value = { by, down: sorted ? !down : by === "memory" || by === "cpu" || by === "disk" })}>
                {children}
                {sorted ? down ? <Down /> : <Up /> : null}
            </button>
        </th>
    );
}

function Summary() {
    const all = totals.value;
    const part = (used: number, most: number) => (most > 0 ? Math.min(100, (used / most) * 100) : 0);
    const cells = all
        ? ([
              ["Living", String(environments.value.size), `of ${all.max_concurrent}`, part(environments.value.size, all.max_concurrent)],
              ["Memory", megabytes(all.total_memory_mb), `of ${megabytes(all.max_total_memory_mb)}`, part(all.total_memory_mb, all.max_total_memory_mb)],
              ["Disk", megabytes(all.total_disk_mb), `of ${megabytes(all.max_total_disk_mb)}`, part(all.total_disk_mb, all.max_total_disk_mb)],
          ] as const)
        : [];
    return (
        <dl class="summary">
            {cells.map(([name, value, most, filled]) => (
                <div key={name}>
                    <dt>{name}</dt>
                    <dd><b>{value}</b> <span class="quiet">{most}</span></dd>
                    <svg class={filled > 90 ? "meter full" : "meter"} viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
                        <rect class="rail" width="100" height="2" />
                        <rect class="fill" width={filled} height="2" />
                    </svg>
                </div>
            ))}
            {all && (
                <div>
                    <dt>Alerts</dt>
                    <dd class={all.alerts.length ? "has-alerts" : ""}>
                        <b>{all.alerts.length || "none"}</b>{" "}
                        <span class="quiet">
                            {all.alerts.slice(0, 1).map((one) => (
                                <a key={one.environment_id} href={linkTo("environments", one.environment_id)}>{one.kind}: {one.environment_name}</a>
                            ))}
                        </span>
                    </dd>
                </div>
            )}
        </dl>
    );
}

/// Up and down move between rows; Enter opens one, as on any link.
function moveRow(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...document.querySelectorAll<HTMLAnchorElement>(".row-link")];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    if (step === undefined || at < 0) return;
    event.preventDefault();
    links[at + step]?.focus();
}

const Empty = () => (
    <div class="empty">
        {environments.value.size > 0 ? (
            <p>No environment matches “{filter.value}”.</p>
        ) : (
            <>
                <p class="lead">No environments.</p>
                <p>
                    {mayWrite.value ? "Make one here, or by " : "Make one by "}
                    <code>gestvenv ephemeral create NAME</code>. It appears by itself.
                </p>
            </>
        )}
    </div>
);

export function ListView() {
    const rows = shown.value;
    const count = environments.value.size;
    return (
        <>
            <div class="view-head">
                <h1>Environments</h1>
                {mayWrite.value && (
                    <button type="button" class="primary" onClick={() => (creating.value = true)}><Plus /> New environment</button>
                )}
            </div>
            <Summary />
            <div class="toolbar">
                <label class="search">
                    <Search />
                    <span class="hidden">Filter</span>
                    <input id="filter" type="search" placeholder="Filter by name, state, package, tag" value={filter.value} autocomplete="off" spellcheck={false}
                        onInput={(event) => (filter.value = event.currentTarget.value)} />
                    <kbd aria-hidden="true">/</kbd>
                </label>
                <span class="quiet number" role="status">{filter.value ? `${rows.length} of ${count}` : plural(count, "environment")}</span>
            </div>
            {rows.length > 0 ? (
                <div class="sheet" onKeyDown={moveRow}>
                    <table class="list">
                        <thead>
                            <tr>
                                <Head by="name" wide>Environment</Head>
                                <Head by="status">State</Head>
                                <th scope="col">Python</th>
                                <Head by="age">Age</Head>
                                <Head by="left">Time left</Head>
                                <Head by="memory">Memory</Head>
                                <Head by="cpu">CPU</Head>
                                <Head by="disk">Disk</Head>
                                <th scope="col"><span class="hidden">Actions</span></th>
                            </tr>
                        </thead>
                        <tbody>{rows.map((one) => <Row key={one.id} one={one} />)}</tbody>
                    </table>
                </div>
            ) : (
                hasList.value && <Empty />
            )}
            {creating.value && <CreateDialog close={() => (creating.value = false)} />}
            {ending.value && <EndDialog environment={ending.value} close={() => (ending.value = null)} />}
        </>
    );
}
