// SPDX-License-Identifier: MIT
// The path of an environment in a node's interface.
#pragma once

#include "messages/outcome.hpp"

#include <string>
#include <string_view>

namespace gestvenv {

inline constexpr std::string_view environments_path = "/ephemeral/environments";

/// environment_not_found for what no environment can be named: it may have a meaning in a path.
outcome<void> check_environment_name(std::string_view environment);

/// Of an environment, or of `what` of it: `environment_path("a", "install")`.
std::string environment_path(std::string_view environment, std::string_view what = {});

} // namespace gestvenv
