// SPDX-License-Identifier: MIT
// A runtime without its public face, for those who ask without waiting.
#pragma once

#include "runtime/environment_host.hpp"

#include <gestvenv/runtime.hpp>

#include <memory>

namespace gestvenv {

struct runtime_access {
    /// Outlives the runtime; questions are answered with `shutting_down` then.
    static std::shared_ptr<environment_host> host_of(const runtime& machine);
};

} // namespace gestvenv
