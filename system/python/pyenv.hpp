// SPDX-License-Identifier: MIT
// What pyenv has installed and what its shims would run, read from its folders. A shim is a shell script that
// takes 180 ms to find what is found here by reading one small file.
#pragma once

#include "system/python/interpreter_version.hpp"
#include "system/python/search_context.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

/// A version below `$PYENV_ROOT/versions`.
struct pyenv_installation {
    interpreter_version version;
    /// E.g. `~/.pyenv/versions/3.12.1`.
    std::filesystem::path prefix;
};

/// The released CPythons pyenv has (other implementations and virtual environments are left out), newest
/// first.
std::vector<pyenv_installation> pyenv_installations(const search_context& context);

/// Whether a file is one of pyenv's shims, which start a program of another name.
bool is_pyenv_shim(const std::filesystem::path& file, const search_context& context);

/// What a shim called `program` would run: the first of the versions chosen by PYENV_VERSION, by a
/// `.python-version` in the working folder or above it, or by `$PYENV_ROOT/version` that has the program.
/// Nothing where none has, or where the choice is the system's own (PATH then goes on).
std::optional<std::filesystem::path> resolve_pyenv_shim(std::string_view program,
                                                        const search_context& context);

} // namespace gestvenv::python
