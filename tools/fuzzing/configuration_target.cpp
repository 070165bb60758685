// SPDX-License-Identifier: MIT
// A configuration file: its entries, assigned to a configuration.
#include "tools/fuzzing/check.hpp"

#include "runtime/configuration_document.hpp"
#include "runtime/configuration_keys.hpp"

using namespace gestvenv;
using namespace gestvenv::fuzzing;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto entries = parse_configuration(as_text(data, size), "config.toml");
    if (!entries) {
        require_told(entries.error());
        return 0;
    }
    runtime_config config;
    for (const auto& entry : *entries) {
        require(entry.line > 0, "an entry has a line");
        auto key = find_configuration_key(entry.key);
        if (!key) {
            require_told(key.error());
            continue;
        }
        if (auto good = assign(config, **key, entry.value); !good) {
            require_told(good.error());
            continue;
        }
        auto shown = configuration_value_in(config, **key);
        runtime_config other;
        require(assign(other, **key, shown).has_value(), "a value that is set can be set again");
        require(configuration_value_in(other, **key) == shown, "a value stays as it is");
    }
    return 0;
}
