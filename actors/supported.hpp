// What this version does of what a specification can ask for.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/environment_spec.hpp>

namespace gestvenv {

/// What it does not do is refused (isolation_unavailable), not ignored. For a completed specification.
outcome<void> check_supported(const environment_spec& spec);

} // namespace gestvenv
