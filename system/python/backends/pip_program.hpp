// SPDX-License-Identifier: MIT
// Which pip can install for an interpreter. Each release of pip ends support for old interpreters, and
// refuses to run under them even with `--python`; the pip that an interpreter came with never does.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/backends/backend.hpp"
#include "system/python/interpreter.hpp"
#include "system/python/tools_folder.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv::python {

/// What is known of an installed pip.
struct pip_release {
    /// Of pip itself, `23.2`.
    interpreter_version version;
    /// The oldest interpreter it supports.
    interpreter_version oldest_python;
};

/// Reads the release of the pip whose program is `program` (`<prefix>/bin/pip`) from its metadata; nothing
/// where that is not found.
std::optional<pip_release> release_of_pip(const std::filesystem::path& program);

/// How to start pip so that it works on the environment of `python` at `venv_path`: the beginning of an
/// argument vector, to which the subcommand is added. The pip of `tools` if it is 22.3 or newer (`--python`)
/// and supports the interpreter, else the interpreter's bundled wheel. Error: backend_not_found, with the
/// command that supplies one.
outcome<std::vector<std::string>> pip_program(const tools_folder& tools, const interpreter& python,
                                              const std::filesystem::path& venv_path);

/// How an interpreter's own pip is put into its environment (`ensurepip`, as `python -m venv` does). Error:
/// backend_not_found where the interpreter came without one.
outcome<tool_command> bootstrap_command(const backend_request& request);

} // namespace gestvenv::python
