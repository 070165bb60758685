// SPDX-License-Identifier: MIT
// What is around every view: the head, the state of the connection, notices.
import { useEffect } from "preact/hooks";
import { environments, connection, mayWrite, now, retryAt, session, tryNow, type Connection } from "./live";
import { dismiss, notices } from "./notices";
import { Cross, Half, Mark, Moon, Sun } from "./parts/icons";
import { linkTo, route } from "./route";
import { goOn, leave, refusal } from "./session";
import { choice, nextChoice } from "./theme";
import { EnvironmentView } from "./views/environment";
import { EventsView } from "./views/events";
import { creating, ListView } from "./views/list";
import { NodeView } from "./views/node";
import { ReceiptsView } from "./views/receipts";

const sections = [["", "Environments"], ["events", "Events"], ["receipts", "Receipts"], ["node", "Node"]] as const;
const connectionNames: Record<Connection, string> = { connecting: "Connecting", live: "Live", lost: "Lost", paused: "Paused", ended: "Ended" };

function ThemeButton() {
    const now = choice.value;
    const name = { system: "as the system", light: "light", dark: "dark" }[now];
    return (
        <button type="button" class="plain" aria-label={`Colours: ${name}`} title={`Colours: ${name}`} onClick={nextChoice}>
            {now === "system" ? <Half /> : now === "light" ? <Sun /> : <Moon />}
        </button>
    );
}

function Head() {
    const at = route.value[0] ?? "";
    return (
        <header class="head">
            <a class="skip" href="#content" onClick={(event) => {
                event.preventDefault();
                document.getElementById("content")?.focus();
            }}>Skip to the content</a>
            <a class="brand" href={linkTo()}><Mark />GestVenv</a>
            <nav aria-label="Sections">
                {sections.map(([id, name]) => (
                    <a key={id} href={linkTo(...(id ? [id] : []))} aria-current={at === id || (id === "" && at === "environments") ? "page" : undefined}>{name}</a>
                ))}
            </nav>
            <div class="head-end">
                {!mayWrite.value && <span class="pill">read only</span>}
                <span class={`connection ${connection.value}`} role="status"><i aria-hidden="true" />{connectionNames[connection.value]}</span>
                <ThemeButton />
                <button type="button" class="plain text" onClick={leave}>Sign out</button>
            </div>
        </header>
    );
}

function Banner() {
    if (connection.value === "lost") {
        const wait = Math.ceil((retryAt.value - now.value) / 1000);
        return (
            <div class="banner" role="alert">
                <span>
                    The connection to the node is lost. What is shown is from before; it comes back by itself
                    <span aria-hidden="true">{wait > 0 ? ` in ${wait} s` : ", now"}</span>.
                    If the node has ended: <code>gestvenv node open</code>
                </span>
                <button type="button" onClick={tryNow}>Try now</button>
            </div>
        );
    }
    if (connection.value === "ended")
        return <div class="banner" role="alert"><span>This session has ended. <code>gestvenv node open</code> prints another link.</span></div>;
    return null;
}

const Notices = () => (
    <div class="notices" role="region" aria-label="Notices" aria-live="polite">
        {notices.value.map((one) => (
            <div key={one.number} class={`notice ${one.kind}`} role={one.kind === "bad" ? "alert" : "status"}>
                <div>
                    <p>{one.text}</p>
                    {one.hint && <p class="hint">{one.hint}</p>}
                </div>
                <button type="button" class="plain" aria-label="Dismiss" onClick={() => dismiss(one.number)}><Cross /></button>
            </div>
        ))}
    </div>
);

function Refused() {
    const { problem, hasOther } = refusal.value!;
    const more = problem.hint.split("; ").slice(1).join("; "); // what comes first is said below
    return (
        <main class="refused" id="content">
            <Mark />
            <h1>{problem.status === 401 ? "This page needs a link" : "The page cannot be opened"}</h1>
            <p>{problem.message[0]?.toUpperCase() + problem.message.slice(1)}.</p>
            <p>On the node's machine, print a new one:</p>
            <pre><code>gestvenv node open</code></pre>
            {more && <p class="quiet">{more[0]!.toUpperCase() + more.slice(1)}.</p>}
            {hasOther && <button type="button" class="primary" onClick={goOn}>Go on with the session of this browser</button>}
        </main>
    );
}

function View() {
    const [section = "", id = "", tab = ""] = route.value;
    if (section === "environments" && id) return <EnvironmentView key={id} id={id} tab={tab} />;
    if (section === "events") return <EventsView />;
    if (section === "receipts") return <ReceiptsView />;
    if (section === "node") return <NodeView />;
    return <ListView />;
}

/// `/` goes to the filter, `n` makes a new environment: not while something is written.
function useShortcuts() {
    useEffect(() => {
        const key = (event: KeyboardEvent) => {
            const on = event.target as HTMLElement;
            if (event.ctrlKey || event.metaKey || event.altKey || on.closest("input, textarea, select, dialog, .terminal-frame")) return;
            if (event.key === "/") document.getElementById("filter")?.focus();
            else if (event.key === "n" && mayWrite.value && (route.value[0] ?? "") === "") creating.value = true;
            else return;
            event.preventDefault();
        };
        window.addEventListener("keydown", key);
        return () => window.removeEventListener("keydown", key);
    }, []);
}

export function App() {
    useShortcuts();
    const [section = "", id = ""] = route.value;
    const refused = refusal.value !== null;
    const name = section === "environments" ? (environments.value.get(id)?.name ?? "Environment") : (sections.find(([one]) => one === section)?.[1] ?? "");
    useEffect(() => {
        document.title = refused || !name ? "GestVenv" : `${name} – GestVenv`;
    }, [name, refused]);
    // Where the link that was followed has gone with its view, the keyboard goes on at the new one.
    useEffect(() => {
        if (document.activeElement === document.body) document.getElementById("content")?.focus({ preventScroll: true });
    }, [section, id]);
    if (refusal.value) return <Refused />;
    if (!session.value)
        return (
            <>
                <header class="head"><span class="brand"><Mark />GestVenv</span></header>
                <p class="hidden" role="status">Connecting</p>
            </>
        );
    return (
        <>
            <Head />
            <Banner />
            <main id="content" tabIndex={-1}><View /></main>
            <Notices />
        </>
    );
}
