// SPDX-License-Identifier: MIT
// Numbers and times for people.

const units = ["B", "KB", "MB", "GB", "TB"];

/// Units of 1024, as everywhere in GestVenv.
export function bytes(count: number): string {
    let unit = 0;
    let value = count;
    while (value >= 1000 && unit + 1 < units.length) {
        value /= 1024;
        ++unit;
    }
    const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return `${value.toFixed(digits)} ${units[unit]}`;
}

export const megabytes = (count: number) => bytes(count * 1024 * 1024);

export const percent = (value: number) => `${value >= 10 || value < 0.05 ? value.toFixed(0) : value.toFixed(1)} %`;

/// `42 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`.
export function span(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds));
    if (whole < 60) return `${whole} s`;
    const minutes = Math.floor(whole / 60);
    if (minutes < 60) return whole % 60 && minutes < 10 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function duration(seconds: number): string {
    if (seconds < 1) return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
    return seconds < 60 ? `${seconds.toFixed(seconds < 10 ? 2 : 1)} s` : span(seconds);
}

export const secondsSince = (time: string, now: number) => (now - Date.parse(time)) / 1000;

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const dayFormat = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

export const clock = (time: string) => clockFormat.format(new Date(time));

/// With the day, unless it is today's.
export function moment(time: string): string {
    const at = new Date(time);
    return at.toDateString() === new Date().toDateString() ? clock(time) : `${dayFormat.format(at)} ${clock(time)}`;
}

export const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/// `environment_ready` as `environment ready`.
export const words = (text: string) => text.replaceAll("_", " ");

/// Output of commands as text: without what would colour or move a terminal's cursor.
export function plainText(text: string): string {
    return text.replace(/\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])/g, "").replace(/\r\n/g, "\n");
}

/// One on a line, or several with spaces or commas between them, unless a marker or an address makes that ambiguous.
export const requirementsIn = (text: string): string[] =>
    text
        .split("\n")
        .flatMap((line) => (/[;@]/.test(line) ? [line] : line.split(/\s*,\s*(?=[A-Za-z])|\s+(?=[A-Za-z])/)))
        .map((one) => one.trim())
        .filter(Boolean);
