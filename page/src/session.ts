// SPDX-License-Identifier: MIT
// From a link to a session.
import { signal } from "@preact/signals";
import { session, start } from "./live";
import { ask, get, problemOf, type Problem } from "./node";
import type { Session } from "./types";

/// Why there is none; `hasOther`: this browser has one of before.
export const refusal = signal<{ problem: Problem; hasOther: boolean } | null>(null);

function enter(found: Session) {
    refusal.value = null;
    session.value = found;
    start();
}

const current = () => get<Session>("/page/session").catch(() => null);

export async function begin(link: string | null) {
    try {
        enter(link ? await ask<Session>("POST", "/page/session", { link }) : await get<Session>("/page/session"));
    } catch (failed) {
        refusal.value = { problem: problemOf(failed), hasOther: link !== null && (await current()) !== null };
    }
}

export async function goOn() {
    const found = await current();
    if (found) enter(found);
}

export async function leave() {
    await ask<void>("DELETE", "/page/session").catch(() => {});
    location.replace("/");
}
