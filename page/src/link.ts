// SPDX-License-Identifier: MIT
// The secret of a link is gone from the address, and from the browser's history, before any other module looks at it.
const opened = /^#open=([0-9a-f]+)$/.exec(location.hash);
if (opened) history.replaceState(null, "", location.pathname);

window.addEventListener("hashchange", () => {
    if (location.hash.startsWith("#open=")) location.reload();
});

export const link: string | null = opened?.[1] ?? null;
