// SPDX-License-Identifier: MIT
// The backends that install projects, not packages (pdm, poetry): they get a scratch project beside the
// environment that asks for what is wanted, resolve it themselves, and install it into the environment.
#pragma once

#include "system/python/backends/backend.hpp"
#include "system/python/backends/installer_output.hpp"

#include <string_view>

namespace gestvenv::python {

/// Before each line of a build that failed, as poetry prints it.
inline constexpr std::string_view build_label = "    | ";

/// The whole of such a backend but for its lock and for how its failures read. One process runs a small
/// script under the tool's own Python: it writes the project into TMPDIR, runs the tool there with the
/// environment as its active one, says what has changed in the environment, and removes the project. A
/// project that is to be installed itself is installed where it stands, if it has an overlay; else it is
/// copied there, with its lock, because both tools write into it.
///
/// What is installed already is kept in its version where that is possible at all, unless `upgrade` is asked
/// for: the tool first resolves with it, and only when that fails without it.
class scratch_project_backend : public package_backend {
public:
    offline_source offline() const noexcept override { return offline_source::none; }
    bool resolves_projects() const noexcept override { return true; }
    outcome<tool_command> install_command(const backend_request& request,
                                          const tools_folder& tools) const override;
    outcome<tool_command> uninstall_command(const backend_request& request,
                                            const tools_folder& tools) const override;
    backend_report parse_changes(const tool_result& result) const override;
    outcome<tool_command> list_command(const backend_request& request,
                                       const tools_folder& tools) const override;
    outcome<std::vector<installed_package>> parse_list(const tool_result& result) const override;

protected:
    /// What the tool printed on standard error, in a sentence.
    virtual failure_summary summary_of(const tool_result& result) const = 0;
    /// Whether the tool builds a project to know the dependencies that are left to the build backend.
    virtual bool builds_to_resolve() const noexcept { return true; }
    /// Whether it is told of pip's find-links.
    virtual bool takes_find_links() const noexcept { return false; }

private:
    outcome<void> check_pip_settings(const backend_request& request) const;
    outcome<void> check_seen(const project_source& project) const;
    outcome<tool_command> start(const backend_request& request, const tools_folder& tools,
                                std::string_view action) const;
};

} // namespace gestvenv::python
