// SPDX-License-Identifier: MIT
// What a package backend is: it describes the commands that install and list, and reads what they printed.
// Starts no process.
//
// A new backend is one pair of files beside this one and its line in registry.cpp, with the include. Its name
// is part of the API, which lies below this folder: an enumerator, added at the end, in
// messages/include/gestvenv/enumerations.hpp. The command line, `doctor`, the configuration and the hints
// have its name, and what it can do, from here.
//
// A tool with a table in pyproject.toml that says what a project is also needs
// system/python/project_file.cpp. tools/bootstrap installs the tools that it names.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/backends/project.hpp"
#include "system/python/interpreter.hpp"
#include "system/python/requirement.hpp"
#include "system/python/requirements_files.hpp"
#include "system/python/tool_command.hpp"
#include "system/python/tools_folder.hpp"

#include <gestvenv/enumerations.hpp>
#include <gestvenv/install_result.hpp>
#include <gestvenv/limit_reached.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

/// A requirements file for an installation.
struct requirements_source {
    /// Absolute, as the installer's process sees it; best a copy that no other process can change.
    std::filesystem::path path;
    /// What is in that file; needed where `only_wheels` is asked for, so that it can be checked.
    std::optional<std::string> text = {};
};

/// What to install, and where. The caller's wish (gestvenv::install_request) with what the runtime knows
/// beside it.
struct backend_request {
    /// The environment, as the installer's process sees it.
    std::filesystem::path venv_path;
    /// What the environment was made from; its `version` and `bundled_pip` decide what can be used. Not null.
    const python::interpreter* interpreter = nullptr;
    std::vector<requirement> packages;
    std::vector<requirements_source> requirements_files;
    /// Their content; see summarize_requirements().
    requirements_summary summary;
    /// Names of projects in folders of this machine that may be installed on the way: never as they were
    /// built at an earlier time.
    std::vector<std::string> local_names;
    /// Installed itself, with what it depends on, as its lock has it where there is one. Beside a project
    /// nothing else is installed in the same step.
    std::optional<project_source> project;
    /// Newest versions, also of what is already installed.
    bool upgrade = false;
    /// Nothing is built from source: no foreign code runs while installing. What would be is refused, see
    /// system/python/wheels_only.hpp.
    bool only_wheels = false;
    /// Caches alone, no network.
    bool offline = false;
    /// There is room for few processes and threads only: one thing after another.
    bool one_at_a_time = false;
    /// The backend's cache; empty: its own default below HOME.
    std::filesystem::path cache_folder;
    /// From installer_variables().
    variable_map variables;
    /// Where the process starts; relative paths in requirements files and in settings count from here.
    std::filesystem::path working_folder;
};

/// How a backend's process ended.
struct tool_result {
    /// As `WEXITSTATUS`; 128 + n for a signal.
    int exit_status = 0;
    std::string standard_output;
    std::string standard_error;
    /// Limits of the environment that it met.
    std::vector<limit_reached> limits;
};

/// What an installation did; a gestvenv::install_result is made from it.
struct backend_report {
    /// New or replaced, in the backend's order; empty when all was there already.
    std::vector<installed_package> installed;
    /// What was replaced, with its old version.
    std::vector<installed_package> removed;
    /// Unset when it succeeded; else install_failed (or storage_full), with the backend's own message
    /// shortened to what helps and without passwords.
    std::optional<error> failure;
    /// The failure is one that trying again later may mend: a timeout, a refused connection, a server error.
    bool network_trouble = false;
};

/// What a backend can install from where there is no network.
enum class offline_source : std::uint8_t {
    none,   ///< it needs one
    wheels, ///< folders of wheels that it is told of
    cache,  ///< what it has installed before
};

/// The variables of the caller's that are a tool's own. One that ends in `*` stands for all that begin so.
struct tool_variables {
    /// What every installer gets: one tool may run another.
    std::span<const std::string_view> passed;
    /// Of those, what would install somewhere else, install something else, run something else, or change the
    /// output, which is read.
    std::span<const std::string_view> withheld = {};
};

/// One backend. Stateless and immutable: every function may be called from any thread.
class package_backend {
public:
    virtual ~package_backend() = default;

    virtual backend kind() const noexcept = 0;
    /// `uv`, `pip`.
    std::string_view name() const noexcept { return to_string(kind()); }

    /// The lock file of a project that this backend honours, e.g. `uv.lock`; empty: it has none.
    virtual std::string_view lock_file() const noexcept = 0;

    /// What pip is told to install to have the tool, as a shell takes it.
    virtual std::string_view requirement() const noexcept { return name(); }
    /// Whether the tool lies in the tools folder's own environment. Else it has one of its own below that,
    /// for what it depends on need not go together with what others do.
    virtual bool shares_tools_folder() const noexcept { return false; }

    virtual offline_source offline() const noexcept = 0;
    /// The variable that names its cache.
    virtual std::string_view cache_variable() const noexcept = 0;
    virtual tool_variables variables() const noexcept = 0;
    /// It installs projects, not packages, and builds those that have no overlay in a copy.
    virtual bool resolves_projects() const noexcept { return false; }
    /// Of what the caller has open it keeps its standard input alone.
    virtual bool keeps_standard_input_alone() const noexcept { return false; }
    /// Whether its table in a project's file says that only what the project depends on is installed.
    virtual bool leaves_out(const project_file& /*project*/) const noexcept { return false; }

    /// The process that installs. Errors: invalid_argument for a package that is no requirement;
    /// backend_not_found where the tool is missing or does not support the interpreter.
    virtual outcome<tool_command> install_command(const backend_request& request,
                                                  const tools_folder& tools) const = 0;
    /// The process that takes `request.packages`, which are names alone, out of the environment. One that is
    /// not installed is passed over.
    virtual outcome<tool_command> uninstall_command(const backend_request& request,
                                                    const tools_folder& tools) const = 0;
    /// What a process that installs or uninstalls did.
    virtual backend_report parse_changes(const tool_result& result) const = 0;

    /// The process that lists what is installed; of `request` only venv_path, interpreter and variables are
    /// read.
    virtual outcome<tool_command> list_command(const backend_request& request,
                                               const tools_folder& tools) const = 0;
    virtual outcome<std::vector<installed_package>> parse_list(const tool_result& result) const = 0;

protected:
    package_backend() = default;
    package_backend(const package_backend&) = default;
    package_backend& operator=(const package_backend&) = default;
};

} // namespace gestvenv::python
