// Walks the places where interpreters are installed. What a request makes of them: interpreter_search.hpp.
#pragma once

#include "system/python/interpreter_search.hpp"
#include "system/python/search_context.hpp"

#include <vector>

namespace gestvenv::python {

/// Older ones have no `venv` that could be recorded.
inline const interpreter_version oldest_interpreter{3, 6, std::nullopt};

/// Every interpreter of PATH, the system's folders, pyenv and uv, each once, in that order. Shims and other
/// scripts are no interpreters; instead of a virtual environment's the one it was made from is taken.
std::vector<interpreter_candidate> installed_interpreters(const search_context& context);

} // namespace gestvenv::python
