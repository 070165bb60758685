// SPDX-License-Identifier: MIT
// What every backend checks and reads in the same way.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/backends/backend.hpp"

#include <string_view>
#include <vector>

namespace gestvenv::python {

/// Whether a request asks for anything, with absolute paths, and, where only wheels are wanted, for nothing
/// that would be built; whether a project is one, and does not have to be
/// upgraded past its lock. invalid_argument otherwise.
outcome<void> check_request(const package_backend& tool, const backend_request& request);

/// Whether `request.packages` are names, and nothing but names; invalid_argument otherwise.
outcome<void> check_names_alone(const backend_request& request);

/// Takes out of an installer's variables the caller's choices between wheels and sources, which may
/// contradict `only_wheels`.
void forget_build_choices(variable_map& variables);

/// `[{"name": ..., "version": ...}, ...]`, which both pip and uv print. install_failed where it is not that.
outcome<std::vector<installed_package>> parse_json_list(std::string_view backend_name,
                                                        const tool_result& result);

} // namespace gestvenv::python
