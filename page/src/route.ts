// SPDX-License-Identifier: MIT
// Which view is shown, by what follows `#` in the address.
import { computed, signal } from "@preact/signals";

const hash = signal(location.hash);
window.addEventListener("hashchange", () => (hash.value = location.hash));

/// `#/environments/ID/run` as its parts.
export const route = computed(() => hash.value.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent));

export const linkTo = (...parts: string[]) => `#/${parts.map(encodeURIComponent).join("/")}`;

export function go(...parts: string[]) {
    location.hash = linkTo(...parts);
}
