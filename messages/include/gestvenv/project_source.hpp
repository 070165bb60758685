// SPDX-License-Identifier: MIT
// A project to install: a folder with a pyproject.toml. Sources: the specification of pyproject.toml
// (packaging.python.org), PEP 621, PEP 735.
#pragma once

#include <string>
#include <vector>

namespace gestvenv {

/// The project is installed, not linked to, together with its dependencies. If it has a lock of the backend's
/// own kind (uv.lock, pdm.lock, poetry.lock), exactly the locked versions are installed; a lock that does not
/// fit the pyproject.toml is an error. The project is built in its own folder, under an overlay: the folder
/// is not changed. If no overlay is possible, `install_result::notes` says so.
struct project_source {
    /// The folder that contains the pyproject.toml, as the host sees it.
    std::string folder;
    /// Names from `[project.optional-dependencies]`; an unknown one is an error.
    std::vector<std::string> extras;
    /// Names from `[dependency-groups]`, or of the backend's own kind of groups; an unknown one is an error.
    /// Groups are installed on request only.
    std::vector<std::string> groups;

    friend bool operator==(const project_source&, const project_source&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, project_source& x) {
    return f.object(x).fields(f.field("folder", x.folder), f.field("extras", x.extras),
                              f.field("groups", x.groups));
}

} // namespace gestvenv
