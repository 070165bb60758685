// SPDX-License-Identifier: MIT
// Where installers run, and with which variables.
#pragma once

#include <map>
#include <string>

namespace gestvenv {

/// The caller's surroundings for an installation. Installers get of the variables what they need to find an
/// index, to authenticate and to build (HOME, proxies, certificates, UV_*, PIP_* ...), and never what only publishing
/// needs. Relative paths are relative to the folder.
struct install_context {
    /// All of the caller's variables.
    std::map<std::string, std::string> variables;
    /// The caller's working folder, absolute; empty: the environment's own.
    std::string folder;

    friend bool operator==(const install_context&, const install_context&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, install_context& x) {
    return f.object(x).fields(f.field("variables", x.variables), f.field("folder", x.folder));
}

} // namespace gestvenv
