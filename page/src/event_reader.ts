// SPDX-License-Identifier: MIT
// Server-sent events (WHATWG HTML, section 9.2) of any answer: EventSource can neither say where to begin nor tell a refusal
// from a lost connection.
import { request } from "./node";

export interface ServerEvent {
    name: string;
    id: string;
    data: string;
}

/// The events of `path` behind `after`, until the stream ends. Calls `opened` when the node has answered.
export async function* readEvents(path: string, after: string, signal: AbortSignal, opened?: () => void): AsyncGenerator<ServerEvent> {
    const answer = await request("GET", path, undefined,
        { signal, headers: { Accept: "text/event-stream", "Last-Event-ID": after } });
    opened?.();
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    let event: ServerEvent = { name: "message", id: after, data: "" };
    try {
        for (;;) {
            const { done, value } = await reader.read();
            if (done) return;
            const lines = (rest + value).split("\n");
            rest = lines.pop()!;
            for (const line of lines) {
                const colon = line.indexOf(":");
                const text = line.slice(colon + 1).replace(/^ /, "");
                if (line === "") {
                    if (event.data) yield event;
                    event = { name: "message", id: event.id, data: "" };
                } else if (line.startsWith("event:")) event.name = text;
                else if (line.startsWith("id:")) event.id = text;
                else if (line.startsWith("data:")) event.data += text;
            }
        }
    } finally {
        reader.cancel().catch(() => {});
    }
}
