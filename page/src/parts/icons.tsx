// SPDX-License-Identifier: MIT
// Drawn by hand on a grid of 16, in the colour of the text around.
import type { ComponentChildren } from "preact";

const Icon = ({ children }: { children: ComponentChildren }) => (
    <svg class="icon" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
        {children}
    </svg>
);

export const Plus = () => <Icon><path d="M8 3v10M3 8h10" /></Icon>;
export const Play = () => <Icon><path d="M5 3.5v9l7.5-4.5z" /></Icon>;
export const Stop = () => <Icon><rect x="4.2" y="4.2" width="7.6" height="7.6" rx="1.2" /></Icon>;
export const Cross = () => <Icon><path d="m4 4 8 8M12 4l-8 8" /></Icon>;
export const Back = () => <Icon><path d="M9.5 3.5 5 8l4.5 4.5" /></Icon>;
export const Search = () => <Icon><circle cx="7" cy="7" r="4" /><path d="m10 10 3.5 3.5" /></Icon>;
export const Sun = () => <Icon><circle cx="8" cy="8" r="2.8" /><path d="M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1" /></Icon>;
export const Moon = () => <Icon><path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z" /></Icon>;
export const Half = () => <Icon><circle cx="8" cy="8" r="5.4" /><path d="M8 2.6v10.8a5.4 5.4 0 0 0 0-10.8z" fill="currentColor" stroke="none" /></Icon>;
export const Check = () => <Icon><path d="m3.5 8.5 3 3 6-7" /></Icon>;
export const Warn = () => <Icon><path d="M8 2.5 14 13H2zM8 6.6v3M8 11.3v.1" /></Icon>;
export const Up = () => <Icon><path d="m4.5 9.5 3.5-3.5 3.5 3.5" /></Icon>;
export const Down = () => <Icon><path d="m4.5 6.5 3.5 3.5 3.5-3.5" /></Icon>;

/// A ring that is not closed: what is here is not here for ever.
export const Mark = () => (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
        <circle cx="16" cy="16" r="11" fill="none" stroke="currentColor" stroke-width="3.2" stroke-dasharray="52 17" stroke-linecap="round" transform="rotate(-62 16 16)" />
        <circle cx="16" cy="16" r="3.6" fill="currentColor" />
    </svg>
);
