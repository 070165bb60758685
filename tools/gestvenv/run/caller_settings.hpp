// SPDX-License-Identifier: MIT
// The limits, nice value and processors that this program has from its caller, for a command that another
// process starts.
#pragma once

#include <gestvenv/process_settings.hpp>

namespace gestvenv::cli {

/// What cannot be read is left out.
process_settings settings_of_caller();

} // namespace gestvenv::cli
