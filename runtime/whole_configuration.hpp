// SPDX-License-Identifier: MIT
// The configuration with what a node and a command line take of the same file, which is read once.
#pragma once

#include "runtime/observability_configuration.hpp"

#include <gestvenv/configuration.hpp>

namespace gestvenv {

struct whole_configuration {
    loaded_configuration loaded;
    observability_configuration observability;
};

/// As load_configuration(), which throws the same.
whole_configuration load_whole_configuration(const configuration_options& options = {});

} // namespace gestvenv
