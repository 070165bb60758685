// SPDX-License-Identifier: MIT
// Short messages about what the user has asked for.
import { signal } from "@preact/signals";
import { problemOf } from "./node";

export interface Notice {
    number: number;
    kind: "good" | "bad";
    text: string;
    hint: string;
}

const stays = 6000;
let next = 1;

export const notices = signal<readonly Notice[]>([]);

export const dismiss = (number: number) => (notices.value = notices.value.filter((one) => one.number !== number));

export function notify(text: string, hint = "") {
    const number = next++;
    notices.value = [...notices.value, { number, kind: "good", text, hint }].slice(-4) as Notice[];
    window.setTimeout(() => dismiss(number), stays);
}

/// Stays until it is dismissed.
export function complain(what: string, failed: unknown) {
    const problem = problemOf(failed);
    notices.value = [...notices.value, { number: next++, kind: "bad", text: `${what}: ${problem.message}`, hint: problem.hint } as Notice].slice(-4);
}
