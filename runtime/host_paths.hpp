// SPDX-License-Identifier: MIT
// What only the host program's thread can make sense of: paths relative to its working folder, files that
// must exist.
#pragma once

#include <gestvenv/environment_spec.hpp>
#include <gestvenv/project_source.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <optional>
#include <string>

namespace gestvenv {

/// The file as an absolute path. Throws invalid_argument_exception when it is missing, no file, or not
/// readable.
std::string checked_requirements_file(const std::string& path);

/// Its folder as an absolute path. Throws invalid_argument_exception when that is no project.
project_source checked_project(project_source project);

/// A version stays as it is, a path becomes absolute.
std::optional<std::string> absolute_interpreter(std::optional<std::string> wanted);

/// All three, for an environment that is to be made.
environment_spec checked_specification(environment_spec spec);

/// Throws cleanup_exception, with the receipt, when something is left.
void throw_if_residue(const teardown_receipt& receipt);

} // namespace gestvenv
