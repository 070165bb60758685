// SPDX-License-Identifier: MIT
// The caller's PATH in front of a command in an environment.
#pragma once

#include "system/python/search_context.hpp"
#include "tools/gestvenv/run/caller_variables.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// The entries of a PATH, empty ones too.
std::vector<std::string_view> entries_of(std::string_view path);

/// The caller's PATH as it is, but for the `bin` folders of virtual environments and of an active conda
/// environment: what is in them is for another Python. Relative entries are looked at from `folder`. Without
/// any entry it is the system's usual one. The environment's own `bin` is no part of it yet.
std::string path_for_command(const variable_map& callers, const std::filesystem::path& folder);

/// Variables that say where toolchain managers of this PATH, such as rustup or pyenv, have their files: they
/// would look for them in the private HOME.
variable_map toolchain_variables(const variable_map& callers, const std::filesystem::path& home,
                                 std::string_view path);

/// Whether `program` is found in `path`.
bool is_on_path(std::string_view program, std::string_view path, const std::filesystem::path& folder);

/// A program of Python's that a command would run outside of the environment.
struct outer_script {
    std::filesystem::path file;
    /// What its first line names.
    std::string interpreter;
};

/// What `program` means in `path`, where that is a script which names a Python by its path. `context` is for
/// shims of pyenv's.
std::optional<outer_script> find_outer_script(std::string_view program, std::string_view path,
                                              const std::filesystem::path& folder,
                                              const python::search_context& context);

/// The Python that a script names by its path in its beginning; nothing for another program, and for
/// `/usr/bin/env python`, which finds the environment's.
std::optional<std::string> python_named_by(std::string_view script);

} // namespace gestvenv::cli
