// SPDX-License-Identifier: MIT
// Installed packages; installing and removing some.
import { useEffect, useState } from "preact/hooks";
import { duration, requirementsIn } from "../format";
import { events } from "../live";
import { complain, notify } from "../notices";
import { ask, get, pathOf, problemOf, type Problem } from "../node";
import { Cross } from "../parts/icons";
import type { Environment, InstallResult, Package } from "../types";

const listed = (packages: Package[]) => packages.map(({ name, version }) => `${name} ${version}`).join(", ");

export function PackagesPanel({ environment, mayChange }: { environment: Environment; mayChange: boolean }) {
    const [packages, setPackages] = useState<Package[] | null>(null);
    const [text, setText] = useState("");
    const [upgrade, setUpgrade] = useState(false);
    const [busy, setBusy] = useState("");
    const [problem, setProblem] = useState<Problem | null>(null);
    const path = pathOf(environment.id);
    const changed = events.value.find((one) => one.environment_id === environment.id && one.kind.startsWith("packages_"))?.number;
    useEffect(() => {
        const stop = new AbortController();
        get<Package[]>(`${path}/packages`, stop.signal).then(setPackages, (failed) => stop.signal.aborted || setProblem(problemOf(failed)));
        return () => stop.abort();
    }, [path, changed]);
    const change = async (what: "install" | "uninstall", body: object, said: string) => {
        setBusy(said);
        setProblem(null);
        try {
            const result = await ask<InstallResult>("POST", `${path}/${what}`, body);
            const told = what === "install" ? listed(result.installed) : listed(result.removed);
            notify(told ? `${what === "install" ? "Installed" : "Removed"} ${told}` : "Nothing had to be changed", duration(result.duration));
            result.notes.forEach((note) => notify(note));
            setText("");
        } catch (failed) {
            setProblem(problemOf(failed));
        }
        setBusy("");
    };
    const install = (event: SubmitEvent) => {
        event.preventDefault();
        const wanted = requirementsIn(text);
        if (wanted.length) void change("install", { packages: wanted, upgrade }, `Installing ${wanted.join(", ")}`);
    };
    const remove = (name: string) => void change("uninstall", { packages: [name] }, `Removing ${name}`).catch((failed) => complain("It is not removed", failed));
    return (
        <>
            {mayChange && (
                <form class="command-line" onSubmit={install}>
                    <input aria-label="Packages to install" placeholder="requests rich>=13" value={text} autocomplete="off" spellcheck={false} autocapitalize="off"
                        disabled={busy !== ""} onInput={(event) => setText(event.currentTarget.value)} />
                    <label class="switch"><input type="checkbox" checked={upgrade} onChange={(event) => setUpgrade(event.currentTarget.checked)} /> upgrade</label>
                    <button type="submit" class="primary" disabled={busy !== ""}>Install</button>
                </form>
            )}
            {busy && <p class="remark busy" role="status"><i aria-hidden="true" />{busy}…</p>}
            {problem && <p class="refusal" role="alert"><span class="whole-text">{problem.message}</span>{problem.hint && <span class="hint">{problem.hint}</span>}</p>}
            {packages && packages.length > 0 ? (
                <ul class="packages">
                    {packages.map(({ name, version }) => (
                        <li key={name}>
                            <span>{name}</span>
                            <span class="quiet number">{version}</span>
                            {mayChange && <button type="button" class="plain" aria-label={`Remove ${name}`} title="Remove" disabled={busy !== ""} onClick={() => remove(name)}><Cross /></button>}
                        </li>
                    ))}
                </ul>
            ) : (
                packages && !busy && <p class="quiet pad">No packages. The standard library is there.</p>
            )}
        </>
    );
}
