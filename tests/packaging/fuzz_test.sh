#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/fuzz answers --help and mistakes without building anything, and says what to install where clang's runtime is
# missing.
set -euo pipefail

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/tools" "$folder/bin"
cp "$1/tools/fuzz" "$folder/tools/"
cp -r "$1/tools/fuzzing" "$folder/tools/"
printf '#!/bin/sh\nexit 1\n' >"$folder/bin/clang++"
chmod +x "$folder/bin/clang++"

"$folder/tools/fuzz" --help >"$folder/output"
grep -q -- '--seconds N' "$folder/output" || fail "--help does not tell the options"
grep -q ' json ' "$folder/output" || fail "--help does not tell the targets"

# refused STATUS WORD ARGUMENT...
refused() {
    local status=0 expected="$1" word="$2"
    shift 2
    PATH="$folder/bin:$PATH" "$folder/tools/fuzz" "$@" >"$folder/output" 2>&1 || status=$?
    ((status == expected)) || fail "tools/fuzz $* ended with $status: $(<"$folder/output")"
    grep -q '^error: ' "$folder/output" || fail "no error: $(<"$folder/output")"
    grep -A 1 '^hint: ' "$folder/output" | grep -q -e "$word" || fail "no hint with $word: $(<"$folder/output")"
}
refused 2 requirement --target nothing
refused 2 requirement --target
refused 2 --help --seconds many
refused 2 --help --nonsense
refused 1 libclang-rt-dev --seconds 1
refused 1 --no-build --no-build
[[ ! -e "$folder/build" ]] || fail "something was built"
