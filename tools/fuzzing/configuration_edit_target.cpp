// SPDX-License-Identifier: MIT
// Changing a configuration file: a letter that names the change, a line with the value, then the file.
#include "tools/fuzzing/check.hpp"

#include "runtime/configuration_document.hpp"
#include "runtime/configuration_keys.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace {

using namespace gestvenv;
using namespace gestvenv::fuzzing;

constexpr std::string_view file_name = "config.toml";

std::optional<nlohmann::json> value_of(const outcome<std::vector<configuration_entry>>& entries,
                                       std::string_view key) {
    auto found =
        std::find_if(entries->begin(), entries->end(), [&](const auto& entry) { return entry.key == key; });
    return found == entries->end() ? std::nullopt : std::optional{found->value};
}

void set(std::string_view text, const configuration_key& key, std::string_view written) {
    auto value = configuration_value_of(key, written);
    auto changed = with_value(text, file_name, key.name, value);
    if (!changed)
        return require_told(changed.error());
    auto entries = parse_configuration(*changed, file_name);
    if (!entries) // what stood there before may be none of ours
        return require(!parse_configuration(text, file_name).has_value(), "a change breaks nothing");
    require(value_of(entries, key.name) == value, "a value that is set is there");
}

void take_out(std::string_view text, const configuration_key& key) {
    auto changed = without_value(text, file_name, key.name);
    if (!changed)
        return require_told(changed.error());
    auto entries = parse_configuration(*changed, file_name);
    if (!entries)
        return require(!parse_configuration(text, file_name).has_value(), "a change breaks nothing");
    require(!value_of(entries, key.name), "a value that is taken out is gone");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto text = as_text(data, size);
    auto keys = configuration_keys();
    auto choice = take_choice(text, keys.size() + 1);
    auto end = std::min(text.find('\n'), text.size());
    auto value = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (choice < keys.size())
        set(text, keys[choice], value);
    else
        take_out(text, keys[value.size() % keys.size()]);
    return 0;
}
