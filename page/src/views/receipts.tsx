// SPDX-License-Identifier: MIT
// Receipts: what was removed of each environment that has ended, and that nothing is left.
import { useEffect, useState } from "preact/hooks";
import { removedBy } from "./end";
import { duration, moment, plural, words } from "../format";
import { endings } from "../live";
import { complain } from "../notices";
import { get } from "../node";
import { Check, Warn } from "../parts/icons";
import { ShortId } from "../parts/state";
import type { Listed, Receipt } from "../types";

const most = 1000;

export function ReceiptsView() {
    const [receipts, setReceipts] = useState<Receipt[] | null>(null);
    const changed = endings.value;
    useEffect(() => {
        const stop = new AbortController();
        const wait = window.setTimeout(
            () =>
                get<Listed<Receipt>>(`/api/v1/ephemeral/receipts?limit=${most}`, stop.signal).then(
                    ({ items }) => setReceipts(items.sort((a, b) => (a.finished_at < b.finished_at ? 1 : -1))),
                    (failed) => stop.signal.aborted || complain("The receipts cannot be shown", failed),
                ),
            receipts ? 250 : 0,
        );
        return () => {
            window.clearTimeout(wait);
            stop.abort();
        };
    }, [changed]);
    const dirty = receipts?.filter((one) => one.residue.length > 0).length ?? 0;
    return (
        <>
            <div class="view-head"><h1>Receipts</h1></div>
            {receipts && (
                <p class="quiet lead-in">
                    {plural(receipts.length, "environment has", "environments have")} ended in the last hour or more
                    {receipts.length > 0 && (dirty ? `, ${dirty} with residue` : ", and nothing is left of them")}.
                </p>
            )}
            {receipts && receipts.length > 0 && (
                <div class="sheet">
                    <table class="list receipts">
                        <thead>
                            <tr>
                                <th scope="col" class="wide">Environment</th>
                                <th scope="col">Ended</th>
                                <th scope="col">Why</th>
                                <th scope="col">Removed</th>
                                <th scope="col">Took</th>
                                <th scope="col">Left</th>
                            </tr>
                        </thead>
                        <tbody>
                            {receipts.map((one) => (
                                <tr key={one.environment_id}>
                                    <th scope="row">{one.environment_name} <ShortId id={one.environment_id} /></th>
                                    <td data-label="Ended" class="number"><time dateTime={one.finished_at}>{moment(one.finished_at)}</time></td>
                                    <td data-label="Why">{words(one.reason)}</td>
                                    <td data-label="Removed">{removedBy(one)}</td>
                                    <td data-label="Took" class="number">{duration(one.duration)}</td>
                                    <td data-label="Left">
                                        {one.residue.length === 0 ? (
                                            <span class="verdict good"><Check /> nothing</span>
                                        ) : (
                                            <details class="verdict bad">
                                                <summary><Warn /> {plural(one.residue.length, "resource")}</summary>
                                                <ul>{one.residue.map((what) => <li key={what.name}>{what.kind} <code>{what.name}</code>: {what.why}</li>)}</ul>
                                            </details>
                                        )}
                                    </td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
            {receipts?.length === 0 && <div class="empty"><p class="lead">No receipts yet.</p><p>When an environment ends, what was removed of it is shown here.</p></div>}
        </>
    );
}
