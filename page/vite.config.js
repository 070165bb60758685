// SPDX-License-Identifier: MIT
// Fixed names: the node answers with entity tags, and needs no others.
export default {
    base: "/page/",
    build: {
        target: "es2022",
        assetsDir: "",
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        rollupOptions: {
            checks: { bundlerTimings: false, pluginTimings: false },
            output: {
                entryFileNames: "[name].js",
                chunkFileNames: "[name].js",
                assetFileNames: "[name][extname]",
            },
        },
    },
};
