// SPDX-License-Identifier: MIT
// A new environment: the fields that people use; the command line has all of them.
import { useEffect, useState } from "preact/hooks";
import { environmentsPath, get, problemOf, request, type Problem } from "../node";
import { info, refresh } from "../live";
import { notify } from "../notices";
import { Dialog } from "../parts/dialog";
import { linkTo } from "../route";
import { requirementsIn, span } from "../format";
import type { Environment } from "../types";

interface Backend {
    name: string;
    available: boolean;
    is_default: boolean;
}

const number = (form: FormData, name: string) => {
    const text = String(form.get(name) ?? "").trim();
    return text ? Number(text) : null;
};

const text = (form: FormData, name: string) => String(form.get(name) ?? "").trim() || null;

/// `600`, `10m`, `2h`, `1d`, as the command line has it.
export function seconds(written: string): number | null {
    const found = /^(\d+(?:\.\d+)?)\s*(s|m|min|h|d)?$/.exec(written.trim());
    if (!found) return null;
    return Math.round(Number(found[1]) * { s: 1, m: 60, min: 60, h: 3600, d: 86400 }[found[2] ?? "s"]!);
}

function specOf(form: FormData) {
    const ttl = text(form, "ttl");
    const limits: Record<string, number> = {};
    for (const name of ["max_memory", "max_disk", "max_cpu_percent"]) {
        const value = number(form, name);
        if (value !== null) limits[name] = value;
    }
    const tags = Object.fromEntries((text(form, "tags") ?? "").split(/[\s,]+/).filter(Boolean).map((one) => {
        const at = one.indexOf("=");
        return at < 0 ? [one, ""] : [one.slice(0, at), one.slice(at + 1)];
    }));
    return {
        name: text(form, "name") ?? "",
        python_version: text(form, "python_version"),
        ...(text(form, "backend") ? { backend: text(form, "backend") } : {}),
        ...(text(form, "storage_backend") ? { storage_backend: text(form, "storage_backend") } : {}),
        ...(ttl ? { ttl: seconds(ttl) } : {}),
        packages: requirementsIn(text(form, "packages") ?? ""),
        ...(text(form, "requirements_file") ? { requirements_file: text(form, "requirements_file") } : {}),
        resource_limits: limits,
        tags,
    };
}

export function CreateDialog({ close }: { close: () => void }) {
    const [backends, setBackends] = useState<Backend[]>([]);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [busy, setBusy] = useState(false);
    useEffect(() => {
        get<Backend[]>("/api/v1/system/backends").then(setBackends, () => {});
    }, []);
    const create = async (event: SubmitEvent) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget as HTMLFormElement);
        const ttl = text(form, "ttl");
        if (ttl && seconds(ttl) === null) {
            setProblem(problemOf(new Error("The time to live is not a time: write 600, 10m, 2h or 1d.")));
            return;
        }
        setBusy(true);
        setProblem(null);
        try {
            const answer = await request("POST", environmentsPath, specOf(form));
            const made = (await answer.json()) as Environment;
            notify(`${made.name} is ready`, "");
            refresh();
            close();
            location.hash = linkTo("environments", made.id);
        } catch (failed) {
            setProblem(problemOf(failed));
            setBusy(false);
        }
    };
    const usual = info.value?.configuration;
    return (
        <Dialog title="New environment" close={close}>
            <form class="fields" onSubmit={create}>
                <label class="field">
                    <span>Name</span>
                    <input name="name" autofocus autocomplete="off" spellcheck={false} placeholder="one is made up" maxLength={64} />
                </label>
                <label class="field">
                    <span>Python</span>
                    <input name="python_version" autocomplete="off" spellcheck={false} placeholder="the default; 3.12, or >=3.10" />
                </label>
                <label class="field whole">
                    <span>Packages</span>
                    <textarea name="packages" rows={3} spellcheck={false} placeholder={"requests\nrich>=13"} />
                </label>
                <label class="field">
                    <span>Time to live</span>
                    <input name="ttl" autocomplete="off" placeholder={usual ? `${span(usual.default_ttl)}; 600, 10m, 2h` : "600, 10m, 2h"} />
                </label>
                <label class="field">
                    <span>Installed by</span>
                    <select name="backend">
                        <option value="">{usual ? `${usual.default_backend} (default)` : "default"}</option>
                        {backends.filter((one) => !one.is_default).map((one) => (
                            <option key={one.name} value={one.name} disabled={!one.available}>{one.name}{one.available ? "" : " (missing)"}</option>
                        ))}
                    </select>
                </label>
                <details class="whole">
                    <summary>Limits, storage, tags</summary>
                    <div class="fields">
                        <label class="field"><span>Memory, MB</span><input name="max_memory" type="number" min={1} placeholder="no limit" /></label>
                        <label class="field"><span>CPU, % of a core</span><input name="max_cpu_percent" type="number" min={0.1} step="any" placeholder="no limit" /></label>
                        <label class="field"><span>Disk, MB</span><input name="max_disk" type="number" min={1} placeholder="no limit" /></label>
                        <label class="field">
                            <span>Storage</span>
                            <select name="storage_backend">
                                <option value="">default</option>
                                <option value="tmpfs">tmpfs, in RAM</option>
                                <option value="memory">memory, in /dev/shm</option>
                                <option value="disk">disk</option>
                            </select>
                        </label>
                        <label class="field whole"><span>Requirements file on the node's machine</span><input name="requirements_file" autocomplete="off" spellcheck={false} placeholder="/home/me/project/requirements.txt" /></label>
                        <label class="field whole"><span>Tags</span><input name="tags" autocomplete="off" spellcheck={false} placeholder="team=data ticket=42" /></label>
                    </div>
                </details>
                {problem && (
                    <p class="refusal whole" role="alert">
                        {problem.message}
                        {problem.hint && <span class="hint">{problem.hint}</span>}
                    </p>
                )}
                <footer class="whole">
                    <button type="button" onClick={close}>Cancel</button>
                    <button type="submit" class="primary" disabled={busy}>{busy ? "Making it…" : "Create"}</button>
                </footer>
            </form>
        </Dialog>
    );
}
