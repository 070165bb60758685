// SPDX-License-Identifier: MIT
#include "net/rest/schema_components.hpp"

#include <limits>
#include <utility>

namespace gestvenv::rest::schema_parts {

namespace {

using nlohmann::json;

json any_of(json first, json second) {
    auto both = json::array();
    for (auto* one : {&first, &second}) {
        if (one->contains("anyOf") && one->size() == 1)
            for (auto& alternative : (*one)["anyOf"])
                both.push_back(std::move(alternative));
        else
            both.push_back(std::move(*one));
    }
    auto result = json::object();
    result["anyOf"] = std::move(both);
    return result;
}

json bytes() {
    return {{"type", "object"},
            {"description", "text that is not UTF-8"},
            {"properties", {{"base64", {{"type", "string"}, {"contentEncoding", "base64"}}}}},
            {"required", json::array({"base64"})},
            {"additionalProperties", false}};
}

} // namespace

json reference_to(std::string_view name) {
    return {{"$ref", "#/components/schemas/" + std::string{name}}};
}

json integer(direction way, std::int64_t least, std::uint64_t most) {
    json schema{{"type", "integer"}};
    if (least == std::numeric_limits<std::int32_t>::min() && most == std::numeric_limits<std::int32_t>::max())
        schema["format"] = "int32";
    if (least == std::numeric_limits<std::int64_t>::min() && most == std::numeric_limits<std::int64_t>::max())
        schema["format"] = "int64";
    if (way == direction::input) {
        schema["minimum"] = least;
        schema["maximum"] = most;
    }
    return schema;
}

json number() {
    return any_of({{"type", "number"}}, {{"enum", {"NaN", "Infinity", "-Infinity"}}});
}

json text(schema_components& components) {
    json plain{{"type", "string"}};
    if (components.way == direction::input)
        return plain;
    components.named.try_emplace("text", any_of(std::move(plain), bytes()));
    return reference_to("text");
}

json time_point(direction way) {
    json schema{{"type", "string"}, {"format", "date-time"}};
    // The years that 64 bits of nanoseconds hold, with one to spare on either side (messages/iso_time.cpp).
    if (way == direction::input)
        schema["pattern"] =
            "^(?:1(?:67[89]|6[89][0-9]|[789][0-9]{2})|2(?:[01][0-9]{2}|2[0-5][0-9]|26[01]))"
            "-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})$";
    return schema;
}

json or_unlimited(json schema) {
    return any_of(std::move(schema), {{"const", "unlimited"}});
}

json whole_seconds(direction way, std::int64_t seconds_per_tick) {
    auto schema =
        integer(way, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    schema["description"] = "seconds";
    if (seconds_per_tick != 1)
        schema["multipleOf"] = seconds_per_tick;
    return or_unlimited(std::move(schema));
}

json fine_seconds(direction way, double ticks_per_second) {
    json schema{{"type", "number"}, {"description", "seconds"}};
    if (way == direction::input) {
        schema["exclusiveMinimum"] = -0x1p63 / ticks_per_second;
        schema["exclusiveMaximum"] = 0x1p63 / ticks_per_second;
    }
    return or_unlimited(std::move(schema));
}

json enumeration(schema_components& components, std::string_view name,
                 const std::vector<std::string_view>& spellings) {
    components.named.try_emplace(std::string{name}, json{{"type", "string"}, {"enum", spellings}});
    return reference_to(name);
}

json list(json items) {
    return {{"type", "array"}, {"items", std::move(items)}};
}

json map(schema_components& components, json values) {
    json object{{"type", "object"}, {"additionalProperties", values}};
    if (components.way == direction::input)
        return object;
    // How a map is written of which a key is not UTF-8.
    json pair{{"type", "array"},
              {"prefixItems", json::array({text(components), std::move(values)})},
              {"items", false},
              {"minItems", 2}};
    return any_of(std::move(object), list(std::move(pair)));
}

json nullable(json schema) {
    if (schema.contains("type") && schema["type"].is_string()) {
        schema["type"] = json::array({schema["type"], "null"});
        return schema;
    }
    return any_of(std::move(schema), {{"type", "null"}});
}

json structure(direction way, json properties) {
    json schema{{"type", "object"}};
    if (way == direction::input) {
        schema["additionalProperties"] = false;
    } else {
        auto required = json::array();
        for (const auto& [name, property] : properties.items())
            required.push_back(name);
        if (!required.empty())
            schema["required"] = std::move(required);
    }
    schema["properties"] = std::move(properties);
    return schema;
}

} // namespace gestvenv::rest::schema_parts
