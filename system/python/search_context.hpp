// SPDX-License-Identifier: MIT
// The places of this machine that searches for interpreters and tools look at, given explicitly: a test uses
// folders of its own, and a runtime embedded in a host reads the process's variables once, when it is told
// to.
#pragma once

#include "system/python/tool_command.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gestvenv::python {

/// Nothing in system/python reads the process's variables except search_context_from_process().
struct search_context {
    /// The entries of PATH, in order; relative and empty ones are left out.
    std::vector<std::filesystem::path> path;
    /// Looked at after PATH; on a real machine /usr/bin and /usr/local/bin.
    std::vector<std::filesystem::path> system_folders;
    /// The interpreter used where no version is asked for; on a real machine /usr/bin/python3.
    std::filesystem::path system_python;
    /// Comes before it; empty: there is none. A host chooses it (runtime_options::preferred_python).
    std::filesystem::path preferred_python;
    std::filesystem::path home;
    /// The same, or its replacement where it cannot be written to; state and caches go there.
    std::filesystem::path writable_home;
    /// PYENV_ROOT, else `~/.pyenv`.
    std::filesystem::path pyenv_root;
    /// PYENV_VERSION: what pyenv's shims would run; empty where unset.
    std::string pyenv_version;
    /// Where uv keeps the interpreters it manages: UV_PYTHON_INSTALL_DIR, else `~/.local/share/uv/python`.
    std::filesystem::path uv_python_folder;
    /// XDG_DATA_HOME, else `~/.local/share`.
    std::filesystem::path data_home;
    /// XDG_CACHE_HOME, else `.cache` of the home that can be written to.
    std::filesystem::path cache_home;
    /// GESTVENV_TOOLS; empty where unset.
    std::filesystem::path tools_folder;
    /// What relative paths are relative to; also where pyenv looks for `.python-version`.
    std::filesystem::path working_folder;
};

/// The context of given variables.
search_context make_search_context(const variable_map& variables,
                                   const std::filesystem::path& working_folder);

/// The context of this process. Reads `environ`: not to be called while another thread changes it.
search_context search_context_from_process();

} // namespace gestvenv::python
