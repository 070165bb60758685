// SPDX-License-Identifier: MIT
// An environment of ours as the rows ask for it.
#pragma once

#include "tools/bench/row.hpp"

#include <gestvenv/runtime.hpp>

namespace gestvenv::bench {

/// A runtime with the defaults a host program gets; what it has to say goes to standard error.
runtime_options host_options();

/// On tmpfs, with the shared interpreter, without packages.
environment_spec plain_environment(const context& shared);

/// Ends it; throws unless the receipt shows that nothing is left.
void destroy(environment& ended);

/// Runs it and throws unless it ends with status 0.
void execute(environment& where, const std::vector<std::string>& words);

} // namespace gestvenv::bench
