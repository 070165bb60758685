// SPDX-License-Identifier: MIT
// A project to install: a folder with a pyproject.toml. Source: the specification of pyproject.toml
// (packaging.python.org), PEP 621, PEP 735.
#pragma once

#include <string>
#include <vector>

namespace gestvenv {

/// The project itself is installed, not linked to, with what it depends on; with a lock of the backend's own
/// kind (uv.lock, pdm.lock, poetry.lock) exactly as that has it, and not at all where the lock does not fit
/// the pyproject.toml. It is built where it stands, below an overlay: its folder stays
/// as it is. Where no overlay can be had, `install_result::notes` says so.
struct project_source {
    /// The folder that holds the pyproject.toml, as the host sees it.
    std::string folder;
    /// Of `[project.optional-dependencies]`.
    std::vector<std::string> extras;
    /// Of `[dependency-groups]`, or of the backend's own kind of groups; none are installed unasked.
    std::vector<std::string> groups;

    friend bool operator==(const project_source&, const project_source&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, project_source& x) {
    return f.object(x).fields(f.field("folder", x.folder), f.field("extras", x.extras),
                              f.field("groups", x.groups));
}

} // namespace gestvenv
