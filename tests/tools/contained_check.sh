#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/checks/contained: an interruption leaves nothing of what it has started. Run by ctest.
set -euo pipefail
readonly contained="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/tools/checks/contained"
readonly mark="$$$RANDOM$RANDOM"
readonly place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
export TMPDIR="$place"

fail() { printf "error: %s\n" "$*" >&2; cat "$place/errors" >&2; exit 1; }

# Processes in a session of their own, deaf ones, one whose parent has ended, and a folder as test programs make them.
# shellcheck disable=SC2016
readonly script='
    mkdir "$TMPDIR/tgv-$$-abcdef" "$TMPDIR/tgv-1-others"
    setsid sleep "600.$0" &
    (setsid sh -c "trap \"\" TERM INT HUP; sleep 600.$0; sleep 600.$0" &)
    (sleep "600.$0" &)
    : >"$TMPDIR/ready"
    sleep "600.$0"
'
for signal in INT TERM HUP; do
    rm -rf "${place:?}"/*
    setsid "$contained" bash -c "$script" "$mark" 2>"$place/errors" &
    process=$!
    for _ in $(seq 500); do [[ -e "$place/ready" ]] && break; sleep 0.02; done
    [[ -e "$place/ready" ]] || fail "the command has not started"
    kill -"$signal" "$process"
    status=0
    wait "$process" 2>/dev/null || status=$?
    ((status == 128 + $(kill -l "$signal"))) || fail "after $signal: status $status"
    # The pattern does not match itself, in the search's own command line.
    ! grep -l --text "600[.]$mark" /proc/[0-9]*/cmdline 2>/dev/null || fail "after $signal: a process is left"
    [[ "$(cd "$place" && echo tgv-*)" == tgv-1-others ]] || fail "after $signal: $(ls "$place")"
done
status=0
"$contained" bash -c 'exit 7' || status=$?
((status == 7)) || fail "status $status instead of the command's"
