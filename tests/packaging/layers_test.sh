#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The layer check must find each kind of violation, and nothing in a tree that has none.
set -euo pipefail

check="$1/tools/checks/layers"
tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

write() { # FILE TEXT
    mkdir -p "$tree/$(dirname "$1")"
    printf '%s\n' "$2" >"$tree/$1"
}

write messages/include/gestvenv/units.hpp '#pragma once'
write messages/caf/actors.hpp '#include <caf/typed_actor.hpp>'
write system/python/venv.hpp '#include <gestvenv/units.hpp>'
write net/server.hpp '#include "actors/environment.hpp"'
write actors/environment.hpp '#include "system/python/venv.hpp"'
write tests/actors/environment_test.cpp '#include "actors/environment.hpp"'
"$check" "$tree" >/dev/null || fail "a tree in order was refused"

expect_refused() { # FILE INCLUDE WORDS
    write "$1" "#include $2"
    local output
    if output="$("$check" "$tree" 2>/dev/null)"; then
        fail "$1 may include $2"
    fi
    [[ "$output" == "$1:1: "*"$3"* ]] || fail "unexpected report for $1: $output"
    rm "$tree/$1"
}

expect_refused system/python/bad.cpp '"actors/environment.hpp"' 'system is below actors'
expect_refused runtime/bad.cpp '"net/server.hpp"' 'runtime is below net'
expect_refused system/python/bad.cpp '<caf/actor.hpp>' 'which only'
expect_refused messages/bad.hpp '<caf/actor.hpp>' 'which only'
expect_refused system/python/bad.cpp '"messages/caf/actors.hpp"' 'brings in CAF'
expect_refused messages/include/gestvenv/bad.hpp '<caf/actor.hpp>' 'which only'
expect_refused messages/include/gestvenv/bad.hpp '"messages/caf/actors.hpp"' 'public headers only'
write system/journal/journal.hpp '#include <gestvenv/units.hpp>'
expect_refused system/launcher/bad.cpp '"system/journal/journal.hpp"' 'built without it'
expect_refused actors/bad.cpp '<sqlite3.h>' 'which only'
