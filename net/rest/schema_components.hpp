// SPDX-License-Identifier: MIT
// What schemas are made of: the named ones that others refer to, and those of plain kinds of values. messages/json.hpp has
// the table of kinds; this follows what messages/json_reader.hpp takes and messages/json_writer.hpp writes.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::rest {

/// A value has two schemas: less is read than is written, and what is written has every key.
enum class direction : std::uint8_t {
    input, ///< of a request: a missing key leaves the default, an unknown one is refused, bounds are those of validation
    output, ///< of an answer: every key is there; further keys may be added by later versions
};

struct schema_components {
    direction way = direction::output;
    /// By their names in `#/components/schemas/`. A structure of a request has the suffix `_input`: the schema of the same
    /// structure in an answer is another one.
    std::map<std::string, nlohmann::json> named;
};

namespace schema_parts {

nlohmann::json reference_to(std::string_view name);
nlohmann::json integer(direction way, std::int64_t least, std::uint64_t most);
nlohmann::json number();
nlohmann::json text(schema_components& components);
nlohmann::json time_point(direction way);
/// A number of seconds, or "unlimited".
nlohmann::json whole_seconds(direction way, std::int64_t seconds_per_tick);
nlohmann::json fine_seconds(direction way, double ticks_per_second);
/// Another kind, or "unlimited".
nlohmann::json or_unlimited(nlohmann::json schema);
nlohmann::json enumeration(schema_components& components, std::string_view name,
                           const std::vector<std::string_view>& spellings);
nlohmann::json list(nlohmann::json items);
nlohmann::json map(schema_components& components, nlohmann::json values);
nlohmann::json nullable(nlohmann::json schema);
/// A structure, from the schemas of its fields.
nlohmann::json structure(direction way, nlohmann::json properties);

} // namespace schema_parts

} // namespace gestvenv::rest
