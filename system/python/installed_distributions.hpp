// SPDX-License-Identifier: MIT
// What is installed in an environment, by its metadata folders alone: no process is started.
#pragma once

#include "messages/outcome.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gestvenv::python {

/// Normalised names (PEP 503) of what is in the `site-packages` of the environment at `venv`, from the names
/// of its
/// `.dist-info` and `.egg-info` entries. Errors: those of system_failure() where there is no such
/// environment.
outcome<std::set<std::string>> installed_distributions(const std::filesystem::path& venv);

/// The same with their versions; empty where the name of an entry has none.
outcome<std::map<std::string, std::string>> installed_versions(const std::filesystem::path& venv);

/// The extras that the project in `folder` (absolute) has by the metadata that were installed of it (`Provides-Extra`):
/// what is recorded as installed from there (direct_url.json, PEP 610). Nothing where nothing is.
std::optional<std::vector<std::string>> extras_installed_from(const std::filesystem::path& folder,
                                                              const std::filesystem::path& venv);

/// Those of `wanted`, in its order and spelling, that are not among `installed`.
std::vector<std::string> missing_distributions(const std::vector<std::string>& wanted,
                                               const std::set<std::string>& installed);

} // namespace gestvenv::python
