// SPDX-License-Identifier: MIT
// The end of an environment: asked for, and answered with its receipt.
import { useState } from "preact/hooks";
import { ask, pathOf, problemOf, type Problem } from "../node";
import { bytes, duration, plural } from "../format";
import { environments } from "../live";
import { notify } from "../notices";
import { Dialog } from "../parts/dialog";
import { stateName } from "../parts/state";
import type { Environment, Receipt } from "../types";

/// `2 processes, 1 mount and 35 files (92 KB)`.
export function removedBy(receipt: Receipt): string {
    const parts = [
        receipt.processes_killed && plural(receipt.processes_killed, "process", "processes"),
        receipt.mounts_removed && plural(receipt.mounts_removed, "mount"),
        receipt.cgroups_removed && plural(receipt.cgroups_removed, "cgroup"),
        receipt.segments_removed && plural(receipt.segments_removed, "segment"),
        receipt.files_removed && `${plural(receipt.files_removed, "file")} (${bytes(receipt.bytes_removed)})`,
    ].filter(Boolean) as string[];
    return parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}` : (parts[0] ?? "nothing");
}

export function EndDialog({ environment, close, ended }: { environment: Environment; close: () => void; ended?: () => void }) {
    const [problem, setProblem] = useState<Problem | null>(null);
    const [busy, setBusy] = useState(false);
    const status = environments.value.get(environment.id)?.status ?? environment.status;
    const end = async () => {
        setBusy(true);
        setProblem(null);
        try {
            const receipt = await ask<Receipt>("DELETE", `${pathOf(environment.id)}?force=true`);
            notify(`${environment.name} has ended: ${removedBy(receipt)} removed, nothing left`, duration(receipt.duration));
            close();
            ended?.();
        } catch (failed) {
            setProblem(problemOf(failed));
            setBusy(false);
        }
    };
    return (
        <Dialog title={`End ${environment.name}?`} close={close} narrow>
            <p>
                {status === "running" ? "Commands run in it; they get SIGTERM, and after the grace SIGKILL. " : `It is ${stateName(status)}. `}
                Its files and processes are removed, and the receipt says what was there.
            </p>
            {problem && (
                <p class="refusal" role="alert">
                    {problem.message}
                    {problem.hint && <span class="hint">{problem.hint}</span>}
                </p>
            )}
            <footer>
                <button type="button" autofocus onClick={close}>Keep it</button>
                <button type="button" class="primary danger" disabled={busy} onClick={end}>{busy ? "Ending…" : "End it"}</button>
            </footer>
        </Dialog>
    );
}
