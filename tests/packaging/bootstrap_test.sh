#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# On a prepared machine tools/bootstrap takes under two seconds and no network; without root it names the command
# that needs it; two at once do not get in each other's way.
set -euo pipefail

readonly bootstrap="$1/tools/bootstrap"
readonly cache="${XDG_CACHE_HOME:-$HOME/.cache}/gestvenv/dependencies"

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

if [[ ! -e "$cache/lock" ]]; then
    echo "skipped: this machine was prepared without tools/bootstrap"
    exit 77
fi

# Without a network where the kernel lets us have a network namespace; anyhow with no proxy that answers.
without_network=(env http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9)
if unshare --net --map-root-user true 2>/dev/null; then
    without_network=(unshare --net --map-root-user)
fi
began="$(date +%s%N)"
"${without_network[@]}" "$bootstrap" </dev/null
milliseconds=$((($(date +%s%N) - began) / 1000000))
((milliseconds < 2000)) || fail "a second run took $milliseconds ms"

"$bootstrap" --quiet &
"$bootstrap" --quiet
wait $!

# A machine that lacks a package, as an ordinary user without sudo sees it.
if ((EUID == 0)) && command -v setpriv >/dev/null; then
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
    chmod 755 "$folder"
    mkdir "$folder/home" "$folder/tools" "$folder/bin"
    cp "$bootstrap" "$folder/tools/"
    printf '#!/bin/sh\nexit 1\n' >"$folder/bin/dpkg-query"
    chmod -R a+rX "$folder/bin" "$folder/tools"
    chmod +x "$folder/bin/dpkg-query"
    chown 65534:65534 "$folder/home"
    status=0
    output="$(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$folder/home" XDG_CACHE_HOME= \
        XDG_DATA_HOME= PATH="$folder/bin:/usr/bin:/bin" "$folder/tools/bootstrap" 2>&1 </dev/null)" || status=$?
    ((status != 0)) || fail "a run without root succeeded without packages"
    [[ "$output" == *"error: "*"needs root"*"hint: "*"apt-get update && apt-get install -y"*" cmake "* ]] ||
        fail "a run without root said: $output"
fi
