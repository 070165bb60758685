// SPDX-License-Identifier: MIT
// What makes a shell ask this program what may stand at the cursor. The scripts know no command and no option: all words
// come from the program, so that they are its own, and from the environments that live at that moment.
#pragma once

namespace gestvenv::cli {

inline constexpr const char* bash_completion = R"SCRIPT(# bash completion for gestvenv
# Loaded by bash-completion; without it: source <(gestvenv completion bash)

_gestvenv() {
    local -a parts=() first=() reply=()
    local part rest="${COMP_LINE:0:COMP_POINT}" before i
    COMPREPLY=()
    # Bash has taken words apart at `=` and `:`, which are parts of them.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        if ((i < COMP_CWORD)); then
            part="${COMP_WORDS[i]}"
            before="${rest%%"$part"*}"
            rest="${rest#*"$part"}"
        else
            part="${rest#"${rest%%[![:space:]]*}"}"
            before="${rest%"$part"}"
        fi
        if ((${#parts[@]} > 0)) && [[ -z "$before" ]]; then
            parts[-1]+="$part"
        else
            parts+=("$part")
            first+=("$i")
        fi
    done
    for i in "${!parts[@]}"; do
        parts[i]="${parts[i]//[\"\'\\]/}"
    done
    local current="${parts[-1]}" kind at
    mapfile -t reply < <("${parts[0]/#\~/$HOME}" __complete -- "${parts[@]:1}" 2>/dev/null)
    read -r kind at <<<"${reply[0]-}"
    # What readline replaces begins behind the last of them.
    local kept="${current%"${current##*[=:]}"}"
    case "$kind" in
        words)
            for part in "${reply[@]:1}"; do
                part="${part%%$'\t'*}"
                printf -v part '%q' "${part#"$kept"}"
                COMPREPLY+=("$part")
            done
            ;;
        files | folders)
            local action=-f
            [[ "$kind" == files ]] || action=-d
            mapfile -t COMPREPLY < <(compgen "$action" -- "${current:at}")
            if ((${#reply[@]} < 2)); then
                compopt -o filenames 2>/dev/null
            else
                # As paths, words would be quoted at their colon. What follows that belongs to the word.
                compopt -o nospace 2>/dev/null
                COMPREPLY+=("${reply[@]:1}")
            fi
            ;;
        command)
            if declare -F _comp_command_offset >/dev/null; then
                _comp_command_offset "${first[at + 1]}"
            elif declare -F _command_offset >/dev/null; then
                _command_offset "${first[at + 1]}"
            elif ((at + 2 == ${#parts[@]})); then
                mapfile -t COMPREPLY < <(compgen -c -- "$current")
            else
                compopt -o filenames 2>/dev/null
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
            fi
            ;;
    esac
}

complete -F _gestvenv gestvenv
)SCRIPT";

inline constexpr const char* zsh_completion = R"SCRIPT(#compdef gestvenv
# zsh completion for gestvenv: in a folder of $fpath as _gestvenv, or: source <(gestvenv completion zsh)

_gestvenv() {
    local -a reply values
    local line word
    reply=("${(@f)$(${(Q)words[1]/#\~/$HOME} __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    local kind="${reply[1]%% *}" at="${reply[1]##* }"
    case "$kind" in
        words)
            for line in "${(@)reply[2,-1]}"; do
                word="${line%%$'\t'*}"
                if [[ "$line" == *$'\t'* ]]; then
                    values+=("${word//:/\\:}:${line#*$'\t'}")
                else
                    values+=("${word//:/\\:}")
                fi
            done
            (( ${#values} )) && _describe -t values gestvenv values
            ;;
        files | folders)
            values=("${(@)${(@)reply[2,-1]}//:/\\:}")
            (( ${#reply} > 1 )) && _describe -t values gestvenv values -S ''
            (( at )) && compset -p "$at"
            if [[ "$kind" == files ]]; then
                _files
            else
                _files -/
            fi
            ;;
        command)
            shift $(( at + 1 )) words
            (( CURRENT -= at + 1 ))
            _normal
            ;;
    esac
}

if [[ "${funcstack[1]}" == _gestvenv ]]; then
    _gestvenv "$@"
elif (( $+functions[compdef] )); then
    compdef _gestvenv gestvenv
fi
)SCRIPT";

inline constexpr const char* fish_completion = R"SCRIPT(# fish completion for gestvenv
# In a folder of $fish_complete_path as gestvenv.fish, or: gestvenv completion fish | source

function __gestvenv_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l reply (command $words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
    set -l head (string split ' ' -- "$reply[1]")
    set -l at $head[2]
    switch "$head[1]"
        case words
            for line in $reply[2..-1]
                echo -- $line
            end
        case files folders
            for line in $reply[2..-1]
                echo -- $line
            end
            set -l kept (string sub --length $at -- "$current")
            set -l begun (string sub --start (math $at + 1) -- "$current")
            if test "$head[1]" = files
                string replace --regex '^' -- "$kept" (__fish_complete_path "$begun")
            else
                string replace --regex '^' -- "$kept" (__fish_complete_directories "$begun" '')
            end
        case command
            set -l inner $words[(math $at + 2)..-1]
            complete --do-complete (string join ' ' -- (string escape -- $inner) "$current")
    end
end

complete --command gestvenv --no-files --arguments '(__gestvenv_complete)'
)SCRIPT";

} // namespace gestvenv::cli
