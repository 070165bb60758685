// SPDX-License-Identifier: MIT
// What a script declares, brought into the environment that it is run in.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/run/declared_script.hpp"

#include <gestvenv/enumerations.hpp>
#include <gestvenv/environment.hpp>
#include <gestvenv/environment_info.hpp>
#include <gestvenv/environment_spec.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv::cli {

/// The variables of a caller with what the script says of where packages come from. What the caller's variables say of
/// that comes first, as with uv: their default index, and what is in their lists.
std::map<std::string, std::string> variables_with_sources(const declared_script& script,
                                                          std::map<std::string, std::string> variables);

/// Has `environment`, which is still to be made, get the packages too. `usual`: the backend where it names none. Error:
/// invalid_argument, where that backend cannot follow what the script says of sources.
outcome<void> add_packages(environment_spec& environment, const declared_script& script, backend usual);

/// Those of `dependencies` that an environment has not, or in a version that they do not take. `installed`: normalised
/// names with their versions. What a marker may leave out is not looked for, and a version with more than numbers and
/// dots is taken to fit: only an installer decides that.
std::vector<std::string> missing_dependencies(const std::vector<std::string>& dependencies,
                                              const std::map<std::string, std::string>& installed);

/// Looks for the packages in an environment that is there already, and installs them if `install` says so. Error:
/// invalid_argument, where some are missing; throws what `environment::install` throws.
outcome<void> provide_packages(environment& where, const environment_info& made,
                               const declared_script& script, bool install);

} // namespace gestvenv::cli
