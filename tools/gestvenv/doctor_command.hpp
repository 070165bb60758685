// SPDX-License-Identifier: MIT
// `gestvenv doctor`: what works on this machine, and what supplies the rest.
#pragma once

#include "tools/gestvenv/command_line.hpp"

namespace gestvenv::cli {

/// Returns the exit status: 0 where all that is needed works, 1 where it does not, 2 for a configuration or
/// a version that is not acceptable. A signal ends it, with everything taken down.
int doctor_command(const doctor_request& request);

} // namespace gestvenv::cli
