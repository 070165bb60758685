// SPDX-License-Identifier: MIT
// What a new environment needs of this machine, checked before anything is started.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/environment_spec.hpp>
#include <gestvenv/project_source.hpp>

#include <string>
#include <vector>

namespace gestvenv::cli {

/// Completes the paths in `environment`. A requirements file that is a pipe, or that this process has open, becomes a
/// file in its memory, `/dev/fd/N`. Every error is invalid_argument.
outcome<void> prepare_creation(environment_spec& environment);

/// The parts of it.
outcome<void> prepare_requirements(std::string& name);
outcome<void> prepare_project(project_source& project);
/// `--packages requirements.txt` is the name of a package as well, and not one that was meant.
outcome<void> check_no_file_among(const std::vector<std::string>& packages);

} // namespace gestvenv::cli
