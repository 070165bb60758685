// SPDX-License-Identifier: MIT
// Every key of the configuration: what kind of value it takes, and which variable sets it. What is acceptable
// is for messages/validation.hpp to say.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/runtime_config.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

enum class configuration_kind : std::uint8_t { seconds, megabytes, number, flag, text };

struct configuration_key {
    /// As the field of runtime_config.
    std::string_view name;
    configuration_kind kind = configuration_kind::text;
    /// What is accepted, for hints; empty: the names of the backends.
    std::string_view accepted;
    /// The variable that sets it; empty: none.
    std::string_view variable;
};

/// In the order of the documentation.
std::span<const configuration_key> configuration_keys() noexcept;
std::vector<std::string> configuration_key_names();

/// The key, or invalid_argument that names the nearest one.
outcome<const configuration_key*> find_configuration_key(std::string_view name);

/// What `text` means for this key, as the file would have it: a number for `10m`. A text that means nothing
/// comes back as a string, which `assign` refuses.
nlohmann::json configuration_value_of(const configuration_key& key, std::string_view text);

/// Sets one field. An error is invalid_argument and begins with the key's name; `config` is then as before.
outcome<void> assign(runtime_config& config, const configuration_key& key, const nlohmann::json& value);

/// The value of one field; null where it is not set.
nlohmann::json configuration_value_in(const runtime_config& config, const configuration_key& key);

} // namespace gestvenv
