// SPDX-License-Identifier: MIT
// Requests to the node. The cookie goes along by itself; nothing else is asked for anything.

/// An answer of 400 or more (RFC 9457), or none at all.
export class Problem extends Error {
    constructor(
        readonly status: number,
        message: string,
        readonly hint = "",
        readonly body: Record<string, unknown> = {},
    ) {
        super(message);
    }
}

export const environmentsPath = "/api/v1/ephemeral/environments";
export const pathOf = (id: string) => `${environmentsPath}/${encodeURIComponent(id)}`;

async function problemIn(answer: Response): Promise<Problem> {
    const text = await answer.text();
    try {
        const body = JSON.parse(text) as Record<string, unknown>;
        return new Problem(answer.status, String(body.detail ?? answer.statusText), String(body.hint ?? ""), body);
    } catch {
        return new Problem(answer.status, text || answer.statusText || `status ${answer.status}`);
    }
}

/// The answer, if it is a good one.
export async function request(method: string, path: string, body?: unknown, more: RequestInit = {}): Promise<Response> {
    const headers = new Headers(more.headers);
    if (body !== undefined) headers.set("Content-Type", "application/json");
    let answer: Response;
    try {
        answer = await fetch(path, { ...more, method, headers, cache: "no-store", credentials: "same-origin",
            redirect: "error", body: body === undefined ? null : JSON.stringify(body) });
    } catch (failed) {
        if (more.signal?.aborted) throw failed;
        throw new Problem(0, "The node does not answer.", "Is it still there? gestvenv node status");
    }
    if (!answer.ok) throw await problemIn(answer);
    return answer;
}

export async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const answer = await request(method, path, body, signal ? { signal } : {});
    return (answer.status === 204 ? undefined : await answer.json()) as T;
}

export const get = <T>(path: string, signal?: AbortSignal) => ask<T>("GET", path, undefined, signal);

export const problemOf = (failed: unknown): Problem =>
    failed instanceof Problem ? failed : new Problem(0, failed instanceof Error ? failed.message : String(failed));
