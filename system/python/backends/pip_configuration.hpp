// SPDX-License-Identifier: MIT
// The settings of pip that say where packages come from, out of its variables and its configuration files: uv
// does not read them, and its user expects the same index, certificates and proxy.
#pragma once

#include "system/python/tool_command.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gestvenv::python {

/// Unset settings are empty.
struct pip_settings {
    std::string index_url;
    std::vector<std::string> extra_index_urls;
    std::vector<std::string> find_links;
    /// Files of constraints, as written.
    std::vector<std::string> constraints;
    std::vector<std::string> trusted_hosts;
    /// A file or a folder of certificates.
    std::string certificates;
    std::string client_certificate;
    std::string proxy;
    /// In seconds, as written.
    std::string timeout;
    bool no_index = false;

    friend bool operator==(const pip_settings&, const pip_settings&) = default;
};

/// pip's configuration files for a process with these variables, weakest first: below /etc (here
/// `system_folder`), then the user's, then PIP_CONFIG_FILE. None where PIP_CONFIG_FILE is /dev/null, as pip
/// has it.
std::vector<std::filesystem::path>
pip_configuration_files(const variable_map& variables, const std::filesystem::path& system_folder = "/etc");

/// Reads `files` (those that exist; at most 1 MB of each) and then the `PIP_*` of `variables`, which win. A
/// line that is not understood is passed over: pip itself reports it.
pip_settings read_pip_settings(const variable_map& variables,
                               const std::vector<std::filesystem::path>& files);

/// `variables` for a pip that obeys `command` (`install`), where one of its configuration files says what
/// reaches_installer() keeps from it as a variable (`target`, `user`, `dry-run` ...), for which pip knows no
/// option that takes it back: it then reads none of its files, and gets what else is in them as variables.
/// Else unchanged.
variable_map with_settings_that_stay(variable_map variables, const std::vector<std::filesystem::path>& files,
                                     const std::string& command);

} // namespace gestvenv::python
