// SPDX-License-Identifier: MIT
// What has happened, newest first.
import { signal } from "@preact/signals";
import { moment, plural, words } from "../format";
import { environments, events, missedEvents } from "../live";
import { Search } from "../parts/icons";
import { linkTo } from "../route";
import type { NumberedEvent } from "../types";

const filter = signal("");
const most = 300;

export const toneOf = (kind: string) =>
    /failed|residue|crashed/.test(kind) ? "bad" : /alert_raised|ending/.test(kind) ? "warn" : /ready|installed|restarted|cleared/.test(kind) ? "good" : "";

export function EventRows({ list, named }: { list: readonly NumberedEvent[]; named: boolean }) {
    return (
        <ol class="events">
            {list.map((one) => (
                <li key={one.number} class={toneOf(one.kind)}>
                    <time class="number" dateTime={one.at}>{moment(one.at)}</time>
                    <span class="kind"><i aria-hidden="true" />{words(one.kind)}</span>
                    {named && (
                        <span class="whose">
                            {environments.value.has(one.environment_id) ? (
                                <a href={linkTo("environments", one.environment_id)}>{one.environment_name}</a>
                            ) : (
                                one.environment_name || "the node"
                            )}
                        </span>
                    )}
                    <span class="what">{one.kind === "environment_gone" ? words(one.text) : one.text}</span>
                </li>
            ))}
        </ol>
    );
}

export function EventsView() {
    const wanted = filter.value.toLowerCase();
    const found = events.value.filter((one) => !wanted || `${words(one.kind)} ${one.environment_name} ${one.text}`.toLowerCase().includes(wanted));
    return (
        <>
            <div class="view-head"><h1>Events</h1></div>
            <div class="toolbar">
                <label class="search">
                    <Search />
                    <span class="hidden">Filter</span>
                    <input id="filter" type="search" placeholder="Filter by kind, environment, text" value={filter.value} autocomplete="off" spellcheck={false}
                        onInput={(event) => (filter.value = event.currentTarget.value)} />
                    <kbd aria-hidden="true">/</kbd>
                </label>
                <span class="quiet number">{plural(found.length, "event")}</span>
            </div>
            {missedEvents.value > 0 && <p class="remark">{plural(missedEvents.value, "event")} happened while the connection was lost, and the node no longer has them.</p>}
            {found.length > 0 ? (
                <div class="sheet"><EventRows list={found.slice(0, most)} named /></div>
            ) : (
                <div class="empty"><p class="lead">No events.</p></div>
            )}
        </>
    );
}
