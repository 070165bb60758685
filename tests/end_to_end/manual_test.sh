#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: manual_test.sh PROGRAM: groff and man read each manual page without a warning, it has every option of the help, and
# the same sources give the same page. Ends with 77 where man is not installed.
set -euo pipefail

readonly program="$1"
command -v man >/dev/null && command -v groff >/dev/null || {
    echo "man or groff is not installed"
    exit 77
}
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

SOURCE_DATE_EPOCH=1700000000 "$program" __manual "$folder/one"
SOURCE_DATE_EPOCH=1700000000 TZ=Asia/Tokyo LC_ALL=C "$program" __manual "$folder/two"
diff -r "$folder/one" "$folder/two" || fail "the same sources give different pages"

count=0
for page in "$folder/one"/*.1; do
    name="$(basename "$page")"
    groff -ww -man -Tutf8 -z "$page" 2>"$folder/warnings"
    LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l "$page" >"$folder/text" 2>>"$folder/warnings"
    [[ ! -s "$folder/warnings" ]] || fail "$name: $(cat "$folder/warnings")"
    grep -q '2023-11-14' "$folder/text" || fail "$name does not have the date of the sources"
    command="${name%.1}"
    words=()
    [[ "$command" == gestvenv ]] || words=("${command#gestvenv-}")
    # Its own help, and those of the commands below it, which the first has under `commands:`.
    below="$("$program" "${words[@]}" --help | sed -n '/^commands:/,/^$/s/^  \([a-z][a-z-]*\)  .*/\1/p')"
    [[ "$command" != gestvenv ]] || below=
    for last in '' $below; do
        for option in $("$program" "${words[@]}" $last --help | grep -o -E '^  (-., |    )--[a-z-]+' | grep -o -E -- '--[a-z-]+'); do
            grep -q -E -- "(^| )$option( |$)" "$folder/text" || fail "$name does not have $option of ${words[*]} $last"
        done
    done
    count=$((count + 1))
done
((count > 5)) || fail "there are $count pages"
