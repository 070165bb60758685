// SPDX-License-Identifier: MIT
// Commands that were started from this page, with their output as it comes.
import { signal, type Signal } from "@preact/signals";
import { readEvents } from "./event_reader";
import { plainText } from "./format";
import { ask, get, pathOf, problemOf, type Problem } from "./node";
import type { Operation } from "./types";

export interface Piece {
    stream: "stdout" | "stderr" | "note";
    text: string;
}

export interface Run {
    number: number;
    command: string;
    operation: Signal<Operation | null>;
    output: Signal<readonly Piece[]>;
    problem: Signal<Problem | null>;
}

/// Characters of a run's output that are kept; what is before them is left out, and the view says so.
const mostOutput = 400_000;
const between = 1000;
const tries = 30;
let next = 1;

/// By environment, newest first.
export const runs = signal<ReadonlyMap<string, readonly Run[]>>(new Map());

function decode(data: { text?: string; base64?: string }): string {
    if (data.text !== undefined) return data.text;
    return new TextDecoder().decode(Uint8Array.from(atob(data.base64 ?? ""), (one) => one.charCodeAt(0)));
}

/// What a line was before it was written anew, as by a progress bar, is gone.
const overwritten = (text: string) => (text.includes("\r") ? text.replace(/[^\n]*\r(?=[^\n\r])/g, "") : text);

function add(run: Run, fresh: Piece[]) {
    const all = [...run.output.value];
    for (const piece of fresh) {
        const last = all.at(-1);
        if (last?.stream === piece.stream) all[all.length - 1] = { ...last, text: overwritten(last.text + piece.text) };
        else all.push({ ...piece, text: overwritten(piece.text) });
    }
    let size = all.reduce((sum, { text }) => sum + text.length, 0);
    while (size > mostOutput) {
        const first = all[0]!;
        const cut = Math.min(first.text.length, size - mostOutput);
        size -= cut;
        if (cut === first.text.length) all.shift();
        else all[0] = { ...first, text: first.text.slice(cut) };
    }
    run.output.value = all;
}

/// A lost connection is taken up where it ended.
async function follow(run: Run) {
    const id = run.operation.value!.id;
    let offset = "0";
    let waiting: Piece[] = [];
    const flush = () => {
        add(run, waiting);
        waiting = [];
    };
    for (let left = tries; left > 0; --left) {
        try {
            for await (const event of readEvents(`/api/v1/operations/${id}/output`, offset, new AbortController().signal)) {
                left = tries;
                offset = event.id;
                const data = JSON.parse(event.data);
                if (event.name === "end") {
                    flush();
                    run.operation.value = data as Operation;
                    return;
                }
                if (waiting.length === 0) window.setTimeout(flush, 30);
                if (event.name === "gap") waiting.push({ stream: "note", text: `\n… ${data.bytes} bytes left out …\n` });
                else waiting.push({ stream: data.stream, text: plainText(decode(data)) });
            }
            // A stream without its end: the operation may have ended all the same.
            const operation = await get<Operation>(`/api/v1/operations/${id}`);
            if (operation.status !== "running") {
                run.operation.value = operation;
                return;
            }
        } catch (failed) {
            const problem = problemOf(failed);
            if (problem.status >= 400 || left === 1) {
                run.problem.value = problem;
                return;
            }
        }
        await new Promise((go) => window.setTimeout(go, between));
    }
}

export async function startRun(environment: string, command: string, shell: boolean) {
    const run: Run = { number: next++, command, operation: signal(null), output: signal([]), problem: signal(null) };
    runs.value = new Map(runs.value).set(environment, [run, ...(runs.value.get(environment) ?? [])].slice(0, 20));
    try {
        run.operation.value = await ask<Operation>("POST", `${pathOf(environment)}/execute?wait=false`, { text: command, shell });
        await follow(run);
    } catch (failed) {
        run.problem.value = problemOf(failed);
    }
}

export const cancel = (operation: string) => ask<void>("DELETE", `/api/v1/operations/${operation}`);
