// SPDX-License-Identifier: MIT
// Walks the places where interpreters are installed. What a request makes of them: interpreter_search.hpp.
#pragma once

#include "system/python/interpreter_search.hpp"
#include "system/python/search_context.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace gestvenv::python {

/// Older ones have no `venv` that could be recorded.
inline const interpreter_version oldest_interpreter{3, 6, std::nullopt};

/// Every interpreter of PATH, the system's folders, pyenv and uv, each once, in that order. Shims and other
/// scripts are no interpreters; instead of a virtual environment's the one it was made from is taken.
std::vector<interpreter_candidate> installed_interpreters(const search_context& context);

/// The interpreter that a file is, which may be a link, or a virtual environment's; nothing for a shim,
/// another script, or what is too old.
std::optional<interpreter_candidate> interpreter_at(const std::filesystem::path& file);

/// What `python3` means in PATH: its first folder that has one. A shim of pyenv's is what pyenv would run, a
/// virtual environment's is the one it was made from. Nothing where PATH has none that can be told.
std::optional<std::filesystem::path> first_on_path(const search_context& context);

} // namespace gestvenv::python
