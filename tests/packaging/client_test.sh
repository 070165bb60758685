#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs GestVenv into an empty folder, builds examples/client against it from outside the tree, and runs it with a node.
set -euo pipefail

readonly source="$1" build="$2" compiler="$3"
folder="$(mktemp -d)"
export XDG_STATE_HOME="$folder/state"
end() {
    "$folder/installed/bin/gestvenv" node stop >"$folder/stop.log" || true
    rm -rf "$folder"
}
trap end EXIT

cmake --install "$build" --prefix "$folder/installed" >"$folder/install.log"
cp -r "$source/examples/client" "$folder/host"
cmake -S "$folder/host" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$folder/installed"
cmake --build "$folder/build"

if "$folder/build/client" "$folder/none" 2>"$folder/error"; then
    echo "error: the client works without a node" >&2
    exit 1
fi
grep -F "$folder/none" "$folder/error"

"$folder/installed/bin/gestvenv" node start --socket "$folder/node.sock"
output="$("$folder/build/client" "$folder/node.sock")"
printf '%s\n' "$output"
[[ "$output" =~ ^Python\ [0-9.]+$'\n'"removed "[0-9]+" files, left 0"$ ]]
