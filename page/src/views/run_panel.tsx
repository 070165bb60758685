// SPDX-License-Identifier: MIT
// Runs commands, and shows their output while they run.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { duration } from "../format";
import { complain } from "../notices";
import { Play, Stop } from "../parts/icons";
import { cancel, runs, startRun, type Run } from "../runs";
import type { CommandResult, Environment } from "../types";

function verdictOf({ returncode, signal, timed_out, out_of_memory, too_many_processes }: CommandResult): string {
    if (out_of_memory) return "out of memory";
    if (too_many_processes) return "too many processes";
    if (timed_out) return "timed out";
    return signal ? `ended by signal ${signal}` : `exit status ${returncode}`;
}

function RunView({ run }: { run: Run }) {
    const operation = run.operation.value;
    const problem = run.problem.value ?? (operation?.problem ? { message: operation.problem.message, hint: operation.problem.hint } : null);
    const runs = !problem && (operation === null || operation.status === "running");
    const output = useRef<HTMLPreElement>(null);
    const atEnd = useRef(true);
    const pieces = run.output.value;
    useLayoutEffect(() => {
        if (atEnd.current && output.current) output.current.scrollTop = output.current.scrollHeight;
    }, [pieces]);
    const result = operation?.result;
    return (
        <article class="run" aria-label={run.command}>
            <header>
                <code class="command">{run.command}</code>
                {runs ? (
                    <>
                        <span class="state running"><i aria-hidden="true" />running</span>
                        {operation && (
                            <button type="button" class="small" onClick={() => cancel(operation.id).catch((failed) => complain("It cannot be stopped", failed))}><Stop /> Stop</button>
                        )}
                    </>
                ) : result ? (
                    <span class={`verdict ${result.returncode === 0 ? "good" : "bad"}`} role="status">{verdictOf(result)} <span class="quiet">{duration(result.duration)}</span></span>
                ) : (
                    <span class="verdict bad">{operation?.status ?? "refused"}</span>
                )}
            </header>
            {pieces.length > 0 && (
                <pre ref={output} class="output" tabIndex={0} role="log" aria-label={`Output of ${run.command}`}
                    onScroll={({ currentTarget: it }) => (atEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < 24)}>
                    {pieces.map((piece, at) => <span key={at} class={piece.stream}>{piece.text}</span>)}
                </pre>
            )}
            {problem && <p class="refusal" role="alert">{problem.message}{problem.hint && <span class="hint">{problem.hint}</span>}</p>}
            {result?.notes.map((note) => <p key={note} class="remark">{note}</p>)}
        </article>
    );
}

export function RunPanel({ environment, mayRun }: { environment: Environment; mayRun: boolean }) {
    const [text, setText] = useState("");
    const [shell, setShell] = useState(false);
    const field = useRef<HTMLInputElement>(null);
    const [place, setPlace] = useState(-1);
    const all = runs.value.get(environment.id) ?? [];
    // Unless the arrow keys have come here from another tab, and go on.
    useEffect(() => {
        if (document.activeElement?.getAttribute("role") !== "tab") field.current?.focus({ preventScroll: true });
    }, []);
    const run = (event: SubmitEvent) => {
        event.preventDefault();
        if (!text.trim()) return;
        void startRun(environment.id, text.trim(), shell);
        setText("");
        setPlace(-1);
    };
    /// Up and down go through the commands of before.
    const recall = (event: KeyboardEvent) => {
        const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const to = Math.max(-1, Math.min(all.length - 1, place + step));
        setPlace(to);
        setText(to < 0 ? "" : all[to]!.command);
    };
    return (
        <>
            {mayRun && (
                <form class="command-line" onSubmit={run}>
                    <span class="prompt" aria-hidden="true">{shell ? "$" : "›"}</span>
                    <input ref={field} aria-label="Command" placeholder="python -m pytest -q" value={text} autocomplete="off" spellcheck={false} autocapitalize="off"
                        onInput={(event) => setText(event.currentTarget.value)} onKeyDown={recall} />
                    <label class="switch"><input type="checkbox" checked={shell} onChange={(event) => setShell(event.currentTarget.checked)} /> in a shell</label>
                    <button type="submit" class="primary"><Play /> Run</button>
                </form>
            )}
            {all.length > 0 ? (
                <div class="runs">{all.map((one) => <RunView key={one.number} run={one} />)}</div>
            ) : (
                <p class="quiet pad">{mayRun ? "Commands run in the environment's own work folder, without a shell unless you ask for one. Output appears while it is written." : "This session only shows."}</p>
            )}
        </>
    );
}
