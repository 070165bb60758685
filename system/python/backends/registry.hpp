// SPDX-License-Identifier: MIT
// The backends there are.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/backends/backend.hpp"

#include <optional>
#include <vector>

namespace gestvenv::python {

/// All of them, in the order of preference. They live as long as the process.
const std::vector<const package_backend*>& all_backends();

/// Their kinds, in the same order.
std::vector<backend> backend_kinds();

/// The one of this kind, which is not `automatic`; backend_not_found for one that this version does not have.
outcome<const package_backend*> find_backend(backend kind);

/// The same; for `automatic` the one whose lock a project has, else the first, in the order of preference,
/// whose tool is there.
outcome<const package_backend*> choose_backend(backend kind, const tools_folder& tools,
                                               const std::optional<project_source>& project = std::nullopt);

} // namespace gestvenv::python
