// SPDX-License-Identifier: MIT
// What a node says of itself and its machine.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/runtime.hpp>
#include <gestvenv/runtime_config.hpp>

#include <nlohmann/json_fwd.hpp>

namespace gestvenv {

struct system_info {
    runtime_abilities abilities;
    runtime_config configuration;
};

/// Keys that this version does not know are a newer node's, and ignored outside of the configuration.
outcome<system_info> system_info_from(const nlohmann::json& document);

} // namespace gestvenv
