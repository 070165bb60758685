// SPDX-License-Identifier: MIT
// Light or dark: as the system has it, unless the user has chosen.
import { computed, effect, signal } from "@preact/signals";

export type Choice = "system" | "light" | "dark";

const place = "gestvenv-theme";
const query = matchMedia("(prefers-color-scheme: dark)");
const system = signal(query.matches);
query.addEventListener("change", () => (system.value = query.matches));

const stored = localStorage.getItem(place);
export const choice = signal<Choice>(stored === "light" || stored === "dark" ? stored : "system");
export const isDark = computed(() => (choice.value === "system" ? system.value : choice.value === "dark"));

effect(() => {
    document.documentElement.dataset.theme = isDark.value ? "dark" : "light";
    if (choice.value === "system") localStorage.removeItem(place);
    else localStorage.setItem(place, choice.value);
});

export const nextChoice = () => (choice.value = ({ system: "light", light: "dark", dark: "system" } as const)[choice.value]);
