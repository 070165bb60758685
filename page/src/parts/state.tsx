// SPDX-License-Identifier: MIT
// States and times of environments, as words and shapes: never by colour alone.
import { now } from "../live";
import { secondsSince, span, words } from "../format";
import type { Environment, Status } from "../types";

const names: Record<Status, string> = {
    pending: "waiting",
    creating: "being made",
    ready: "ready",
    running: "running",
    cleaning_up: "ending",
    destroyed: "gone",
    failed: "failed",
};

export const stateName = (status: Status) => names[status] ?? words(status);

export const State = ({ status }: { status: Status }) => (
    <span class={`state ${status}`}>
        <i aria-hidden="true" />
        {stateName(status)}
    </span>
);

export const Age = ({ since }: { since: string }) => <time dateTime={since}>{span(secondsSince(since, now.value))}</time>;

/// Time to live: what is left of it, as a line that becomes shorter.
export function Left({ environment }: { environment: Environment }) {
    if (!environment.expires_at) {
        const idle = environment.max_idle_time;
        return <span class="quiet">{idle === "unlimited" ? "no end" : `idle ${span(idle)}`}</span>;
    }
    const end = Date.parse(environment.expires_at);
    const whole = end - Date.parse(environment.created_at);
    const left = Math.max(0, end - now.value);
    const part = Math.min(1, left / Math.max(1, whole));
    return (
        <span class={`left ${part < 0.1 ? "short" : ""}`}>
            <time dateTime={environment.expires_at}>{span(left / 1000)}</time>
            <svg viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
                <rect class="rail" width="100" height="2" />
                <rect class="fill" width={part * 100} height="2" />
            </svg>
        </span>
    );
}

export const ShortId = ({ id }: { id: string }) => <code class="id" title={id}>{id.slice(0, 8)}</code>;
