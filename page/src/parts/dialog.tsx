// SPDX-License-Identifier: MIT
// A dialog of the browser's own: it keeps the focus, and Escape closes it.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Cross } from "./icons";

interface DialogProps {
    title: string;
    close: () => void;
    children: ComponentChildren;
    narrow?: boolean;
}

export function Dialog({ title, close, children, narrow }: DialogProps) {
    const element = useRef<HTMLDialogElement>(null);
    useEffect(() => {
        const before = document.activeElement;
        element.current!.showModal();
        return () => {
            if (before instanceof HTMLElement && before.isConnected) before.focus();
        };
    }, []);
    return (
        <dialog ref={element} class={narrow ? "narrow" : ""} aria-labelledby="dialog-title"
            onCancel={(event) => {
                event.preventDefault();
                close();
            }}
            onClick={(event) => event.target === element.current && close()}>
            <div class="dialog-body">
                <header>
                    <h2 id="dialog-title">{title}</h2>
                    <button type="button" class="plain" aria-label="Close" onClick={close}><Cross /></button>
                </header>
                {children}
            </div>
        </dialog>
    );
}
