// SPDX-License-Identifier: MIT
// Which interpreter the caller of a command expects, and why.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/search_context.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/environment_spec.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv::cli {

struct interpreter_wish {
    /// What the environment is asked for (environment_spec::python_version); unset: see `preferred`.
    std::optional<std::string> wanted;
    /// What made it `wanted`, as in `--python`, `/project/.python-version`.
    std::string reason;
    /// The first python3 of PATH; empty where it is of no use, or not there.
    std::filesystem::path preferred;
    /// What a user may want to know of it, one sentence each.
    std::vector<std::string> warnings;
    /// Where all of it was looked for.
    python::search_context context;
};

/// `--python`; else the `.python-version` of the project's folder, where there is a project, or of the
/// working folder, or above it; else what the project or the script of the command needs; else nothing is
/// wanted. Both have been prepared; where there is no command yet, it is empty. Looks at files alone. Error:
/// invalid_argument, where a version was chosen that the project does not take.
outcome<interpreter_wish> wish_of(const environment_spec& environment, const command_spec& command,
                                  python::search_context context);

/// The file with the program of a command that python is to run, or that is to be run itself: `check.py` of
/// `python -u check.py`. Nothing for what is no file in `folder`.
std::optional<std::filesystem::path> script_of(const command_spec& command,
                                               const std::filesystem::path& folder);

/// Why this interpreter was taken, for --verbose.
std::string reason_for(const interpreter_wish& wish, const std::optional<std::string>& configured,
                       const std::filesystem::path& taken);

} // namespace gestvenv::cli
