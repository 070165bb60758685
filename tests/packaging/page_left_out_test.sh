#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whether the page is built, where Node.js is missing, too old or broken, and where its packages cannot be fetched. `node`
# and `npm` are scripts: nothing is downloaded.
set -euo pipefail

source="$1"
cmake="$2"
tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
mkdir "$tree/bin"

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

program() { # NAME TEXT
    printf '#!/bin/sh\n%s\n' "$2" >"$tree/bin/$1"
    chmod +x "$tree/bin/$1"
}

cat >"$tree/decide.cmake" <<END
include("$source/cmake/page_packages.cmake")
message("left out: [\${page_left_out}] remedy: [\${page_remedy}]")
END

decide() { # OPTION...
    PATH="$tree/bin" "$cmake" -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF -DPROJECT_SOURCE_DIR="$source" \
        -DPROJECT_BINARY_DIR="$tree/build" "$@" -P "$tree/decide.cmake" 2>&1
}

expect() { # WORDS OPTION...
    local words="$1" said
    shift
    said="$(decide "$@")" || fail "the configuration failed: $said"
    [[ "$said" == *"$words"* ]] || fail "\"$words\" is not in: $said"
}

expect_failure() { # WORDS
    local said
    if said="$(decide -DGESTVENV_PAGE=ON)"; then
        fail "GESTVENV_PAGE=ON went on without the page: $said"
    fi
    [[ "$said" == *"The page cannot be built"*"$1"* ]] || fail "\"$1\" is not in: $said"
}

expect "left out: [Node.js and npm were not there when gestvenv was built] remedy: [install nodejs"
expect_failure "were not there"

program node 'echo v18.19.0'
program npm 'echo "npm was called" >&2; exit 1'
expect "left out: [Node.js was 18.19.0 when gestvenv was built, and 20.19 is needed] remedy: [install a newer"
expect_failure "20.19 is needed"

program node 'exit 127'
expect "did not tell its version when gestvenv was built] remedy: [install a nodejs that works"

program node 'echo v20.19.1'
expect "npm was called"
expect "left out: [its packages could not be fetched when gestvenv was built] remedy: [build gestvenv again where"
expect_failure "could not be fetched"

expect "left out: [gestvenv was built with GESTVENV_PAGE=OFF]" -DGESTVENV_PAGE=OFF
expect "left out: [it is not built for the sanitizers]" -DGESTVENV_SANITIZE=address

program npm 'echo "$@" >>../../calls; echo fetched'
expect "left out: []"
[[ "$(cat "$tree/calls")" == "ci --ignore-scripts"* ]] || fail "npm was called as: $(cat "$tree/calls")"
# What was fetched is not fetched again, and needs no npm that works.
program npm 'exit 1'
expect "left out: []"
# A failure leaves nothing that is taken for the packages of the list of before.
printf 'of another list' >"$tree/build/page/installed"
expect "could not be fetched"
[[ ! -e "$tree/build/page/installed" ]] || fail "packages that npm has removed count as installed"
