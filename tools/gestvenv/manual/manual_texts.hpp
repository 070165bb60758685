// SPDX-License-Identifier: MIT
// What every manual page has: variables, files, exit statuses.
#pragma once

#include <array>
#include <string_view>

namespace gestvenv::cli {

struct manual_entry {
    std::string_view name;
    std::string_view text;
};

inline constexpr std::array manual_statuses{
    manual_entry{"0", "success"},
    manual_entry{"1", "there is no environment, node, token or value of that name"},
    manual_entry{"2", "error in the command line or the configuration; nothing was started"},
    manual_entry{"125", "any other failure; standard error says which"},
};

inline constexpr std::array manual_variables{
    manual_entry{"GESTVENV_CONFIG", "the configuration file; --config comes before it"},
    manual_entry{"GESTVENV_EPHEMERAL_TTL", "the key default_ttl of the configuration"},
    manual_entry{"GESTVENV_EPHEMERAL_BACKEND", "the key default_backend"},
    manual_entry{"GESTVENV_EPHEMERAL_STORAGE", "the key storage_backend"},
    manual_entry{"GESTVENV_EPHEMERAL_MAX_CONCURRENT", "the key max_concurrent"},
    manual_entry{"GESTVENV_NODE", "the node to speak to: the path of its socket, or https://HOST:PORT"},
    manual_entry{"GESTVENV_TOKEN", "the token for a node at https://"},
    manual_entry{"GESTVENV_TOKEN_FILE", "a file with that token, which others cannot read"},
    manual_entry{"GESTVENV_NODE_AUTHORITIES", "the authorities to trust for a node at https://, as PEM"},
    manual_entry{"GESTVENV_TOOLS", "the folder with bin/uv, bin/pip, bin/pdm and bin/poetry"},
    manual_entry{"XDG_CONFIG_HOME", "the parent of the configuration (default: ~/.config)"},
    manual_entry{"XDG_STATE_HOME",
                 "the parent of the journals and of the node's record (default: ~/.local/state)"},
    manual_entry{"XDG_CACHE_HOME",
                 "the parent of recorded interpreters and of storages on disk (default: ~/.cache)"},
    manual_entry{"XDG_DATA_HOME", "the parent of the tools (default: ~/.local/share)"},
    manual_entry{"XDG_RUNTIME_DIR", "the parent of the node's socket (else a folder of the user's in /tmp)"},
    manual_entry{"PIP_*, UV_*, HTTPS_PROXY, SSL_CERT_FILE ...", "passed to the installers of packages"},
};

inline constexpr std::array manual_files{
    manual_entry{"~/.config/gestvenv/config.toml", "the configuration"},
    manual_entry{"~/.local/state/gestvenv/", "a folder for each program that has environments: its journal"},
    manual_entry{"~/.local/state/gestvenv/node.json", "where the node is"},
    manual_entry{"$XDG_RUNTIME_DIR/gestvenv/node.sock", "the node's socket"},
    manual_entry{"~/.cache/gestvenv/interpreters/", "what is known of interpreters"},
    manual_entry{"~/.local/share/gestvenv/tools/", "uv, pip, pdm and poetry"},
};

} // namespace gestvenv::cli
