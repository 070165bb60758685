// SPDX-License-Identifier: MIT
// Requests for packages, checked and parsed where they come in: nothing behind it parses them again.
#pragma once

#include "messages/environment_creation.hpp"
#include "messages/outcome.hpp"

namespace gestvenv {

/// Error: invalid_argument.
outcome<package_request> checked(install_request request);
outcome<package_request> checked(const uninstall_request& request);

} // namespace gestvenv
