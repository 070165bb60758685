#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs GestVenv into an empty folder, and builds and runs examples/embedded against it from outside the tree.
set -euo pipefail

readonly source="$1" build="$2" compiler="$3"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

cmake --install "$build" --prefix "$folder/installed" >"$folder/install.log"
cp -r "$source/examples/embedded" "$folder/host"
cmake -S "$folder/host" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$folder/installed"
cmake --build "$folder/build"

# The public headers must be complete without ours: nothing may point back into the source tree.
if grep -rl --include='*.cmake' -F "$source/" "$folder/installed"; then
    echo "error: the installed package names the source tree" >&2
    exit 1
fi

# Where no launcher lies beside it, the package says where it is.
[[ ! -e "$folder/build/gestvenv-launcher" ]]
output="$("$folder/build/embedded")"
printf '%s\n' "$output"
[[ "$output" =~ ^[0-9]+\.[0-9.]+$'\n'"removed "[0-9]+" files, left 0"$ ]]
