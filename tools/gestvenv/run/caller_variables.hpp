// SPDX-License-Identifier: MIT
// The variables of the caller's that a command gets by itself. The rest is the caller's alone: secrets are
// among it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

using variable_map = std::map<std::string, std::string>;

/// Those of this process.
variable_map variables_of_this_process();

/// Whether a command gets it without being asked: the time zone, the language, the terminal and its colours,
/// that it runs in continuous integration, proxies, certificates. Never a secret, nor a file by which a
/// program tells a CI what to do.
bool reaches_command(std::string_view name) noexcept;

/// Those that a command gets by themselves, but PATH and HOME.
variable_map ambient_variables(const variable_map& callers);

/// Those of `names` that are set.
variable_map named_variables(const variable_map& callers, const std::vector<std::string>& names);

} // namespace gestvenv::cli
