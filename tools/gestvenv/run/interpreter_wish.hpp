// SPDX-License-Identifier: MIT
// Which interpreter the caller of a command expects, and why.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/search_context.hpp"
#include "tools/gestvenv/run/declared_script.hpp"

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
/// wanted. The environment has been prepared. `folder` is the one in which the command starts; empty: that of
/// `context`. `script` is null where the command runs none. Looks at files alone. Error: invalid_argument,
/// where a version was chosen that the project does not take.
outcome<interpreter_wish> wish_of(const environment_spec& environment, std::filesystem::path folder,
                                  const declared_script* script, python::search_context context);

/// Why this interpreter was taken, for --verbose.
std::string reason_for(const interpreter_wish& wish, const std::optional<std::string>& configured,
                       const std::filesystem::path& taken);

} // namespace gestvenv::cli
