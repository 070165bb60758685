// SPDX-License-Identifier: MIT
// How many packages of an installation a tool had in its cache, as its output tells.
#pragma once

#include "system/python/backends/backend.hpp"

#include <cstddef>
#include <optional>

namespace gestvenv::python {

struct cache_use {
    std::size_t hits = 0;
    std::size_t misses = 0;
};

/// None of a tool that does not say so (pdm, poetry). `installed`: how many packages it has installed.
std::optional<cache_use> cache_use_of(backend tool, const tool_result& result, std::size_t installed);

} // namespace gestvenv::python
