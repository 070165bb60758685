// SPDX-License-Identifier: MIT
// A terminal in the environment, over a WebSocket. Loaded when it is first shown.
import { FitAddon } from "@xterm/addon-fit";
import { Terminal, type ITheme } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { allowStyles } from "../parts/terminal_styles";
import { pathOf } from "../node";
import { Play } from "../parts/icons";
import { isDark } from "../theme";
import type { Environment } from "../types";

const themes: Record<"light" | "dark", ITheme> = {
    light: { background: "#fbfcfa", foreground: "#1a231f", cursor: "#1f6b54", cursorAccent: "#fbfcfa", selectionBackground: "#cfe3da",
        black: "#1a231f", red: "#b23a2e", green: "#1f6b54", yellow: "#94651a", blue: "#3f5f94", magenta: "#8a4a7d", cyan: "#2a7480", white: "#5c6862",
        brightBlack: "#78837d", brightRed: "#c64a3c", brightGreen: "#2b8067", brightYellow: "#a8761f", brightBlue: "#4e72ad", brightMagenta: "#9d5a90", brightCyan: "#348895", brightWhite: "#39443f" },
    dark: { background: "#0f1412", foreground: "#dfe6e2", cursor: "#77c8a6", cursorAccent: "#0f1412", selectionBackground: "#2b4339",
        black: "#26302b", red: "#e58a7d", green: "#77c8a6", yellow: "#dbb06a", blue: "#8fb0e0", magenta: "#d29ac4", cyan: "#7cc5cf", white: "#c8d1cc",
        brightBlack: "#6d7973", brightRed: "#f0a498", brightGreen: "#93dabc", brightYellow: "#e8c68c", brightBlue: "#abc5ec", brightMagenta: "#e0b4d5", brightCyan: "#9bd8e0", brightWhite: "#f0f4f1" },
};

interface Told {
    exit?: { returncode: number; signal: number | null };
    problem?: { message?: string; detail?: string };
    stopped?: string;
}

function addressOf(environment: Environment, command: string, terminal: Terminal): string {
    const address = new URL(`${pathOf(environment.id)}/terminal`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.search = new URLSearchParams({ command, columns: String(terminal.cols), rows: String(terminal.rows), type: "xterm-256color" }).toString();
    return address.href;
}

/// Calls `ended` once, with what there is to say. The result ends the session.
function connect(terminal: Terminal, environment: Environment, command: string, ended: (why: string) => void): () => void {
    const socket = new WebSocket(addressOf(environment, command, terminal));
    socket.binaryType = "arraybuffer";
    let why = "";
    let opened = false;
    const tell = (what: object) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(what));
    const encoder = new TextEncoder();
    const listeners = [
        terminal.onData((text) => socket.readyState === WebSocket.OPEN && socket.send(encoder.encode(text))),
        terminal.onBinary((text) => socket.readyState === WebSocket.OPEN && socket.send(Uint8Array.from(text, (one) => one.charCodeAt(0)))),
        terminal.onResize(({ cols, rows }) => tell({ resize: { columns: cols, rows } })),
    ];
    socket.onopen = () => (opened = true);
    socket.onmessage = ({ data }) => {
        if (data instanceof ArrayBuffer) return terminal.write(new Uint8Array(data));
        const told = JSON.parse(data as string) as Told;
        if (told.exit) why = told.exit.signal ? `ended by signal ${told.exit.signal}` : `exit status ${told.exit.returncode}`;
        else if (told.problem) why = told.problem.message ?? told.problem.detail ?? "it failed";
        else if (told.stopped) tell({ signal: "CONT" });
    };
    socket.onclose = () => {
        listeners.forEach((one) => one.dispose());
        ended(why || (opened ? "the connection was lost, and the command ended with it" : "the node did not open a terminal"));
    };
    return () => {
        socket.onclose = null;
        listeners.forEach((one) => one.dispose());
        socket.close(1000);
    };
}

export function TerminalPanel({ environment }: { environment: Environment }) {
    const place = useRef<HTMLDivElement>(null);
    const terminal = useRef<Terminal | null>(null);
    const [command, setCommand] = useState("python");
    const [running, setRunning] = useState<string | null>(null);
    const [said, setSaid] = useState("");
    const dark = isDark.value;
    useEffect(() => {
        if (terminal.current) terminal.current.options.theme = themes[dark ? "dark" : "light"];
    }, [dark]);
    useEffect(() => {
        if (running === null) return;
        const made = new Terminal({ theme: themes[isDark.value ? "dark" : "light"], fontFamily: '"Geist Mono Variable", ui-monospace, monospace', fontSize: 13.5,
            lineHeight: 1.25, cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches, scrollback: 5000, screenReaderMode: false, macOptionIsMeta: true });
        const fit = new FitAddon();
        made.loadAddon(fit);
        const undo = allowStyles(() => made.open(place.current!));
        terminal.current = made;
        fit.fit();
        place.current!.scrollIntoView({ block: "nearest" });
        made.focus();
        let close: (() => void) | null = connect(made, environment, running, (why) => {
            close = null;
            setSaid(why);
            setRunning(null);
        });
        const watch = new ResizeObserver(() => fit.fit());
        watch.observe(place.current!);
        // Tab is the program's; Ctrl+Shift+Escape gives the focus back to the page.
        made.attachCustomKeyEventHandler((event) => {
            if (event.type !== "keydown" || event.key !== "Escape" || !event.shiftKey || !event.ctrlKey) return true;
            document.getElementById("terminal-command")?.focus();
            return false;
        });
        return () => {
            watch.disconnect();
            close?.();
            made.dispose();
            undo();
            terminal.current = null;
        };
    }, [running, environment.id]);
    const open = (event: SubmitEvent) => {
        event.preventDefault();
        setSaid("");
        setRunning(command.trim() || "python");
    };
    return (
        <>
            <form class="command-line" onSubmit={open}>
                <input id="terminal-command" aria-label="Command on the terminal" value={command} list="terminal-commands" autocomplete="off" spellcheck={false} disabled={running !== null}
                    onInput={(event) => setCommand(event.currentTarget.value)} />
                <datalist id="terminal-commands"><option value="python" /><option value="bash" /><option value="sh" /></datalist>
                {running === null ? <button type="submit" class="primary"><Play /> Open</button> : <button type="button" onClick={() => setRunning(null)}>Close</button>}
            </form>
            {said && <p class="remark" role="status">{said}</p>}
            {running !== null ? (
                <div class="terminal-frame" ref={place} role="group" aria-label={`Terminal with ${running}`} />
            ) : (
                <p class="quiet pad">The command ends with its connection. In the terminal every key is the program's; Ctrl+Shift+Escape leaves it.</p>
            )}
        </>
    );
}
