// SPDX-License-Identifier: MIT
#include "tests/net/schema_validator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <regex>
#include <utility>

namespace gestvenv::test {

namespace {

using nlohmann::json;

bool has_type(const json& value, const std::string& type) {
    if (type == "integer")
        return value.is_number_integer() ||
               (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>());
    return (type == "null" && value.is_null()) || (type == "boolean" && value.is_boolean()) ||
           (type == "number" && value.is_number()) || (type == "string" && value.is_string()) ||
           (type == "array" && value.is_array()) || (type == "object" && value.is_object());
}

// Holds every integer of 64 bits.
long double amount(const json& number) {
    if (number.is_number_unsigned())
        return static_cast<long double>(number.get<std::uint64_t>());
    if (number.is_number_integer())
        return static_cast<long double>(number.get<std::int64_t>());
    return static_cast<long double>(number.get<double>());
}

std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

class validator {
public:
    explicit validator(const std::map<std::string, json>& components) : components_(components) {}

    std::string check(const json& schema, const json& value, const std::string& place) const {
        if (schema == true)
            return {};
        if (schema == false)
            return place + ": nothing is accepted here";
        for (const auto& [keyword, of] : schema.items())
            if (auto wrong = check_keyword(keyword, of, schema, value, place); !wrong.empty())
                return wrong;
        return {};
    }

private:
    std::string check_keyword(const std::string& keyword, const json& of, const json& schema,
                              const json& value, const std::string& place) const {
        auto broken = [&] {
            return fmt::format("{}: {} is not {} {}", place, value.dump(), keyword, of.dump());
        };
        auto unless = [&](bool good) { return good ? std::string{} : broken(); };
        if (keyword == "description" || keyword == "title" || keyword == "default" || keyword == "format" ||
            keyword == "contentEncoding" || keyword == "examples")
            return {};
        if (keyword == "$ref") {
            const std::string prefix = "#/components/schemas/";
            auto name = of.get<std::string>();
            auto found =
                name.starts_with(prefix) ? components_.find(name.substr(prefix.size())) : components_.end();
            return found == components_.end() ? name + " is not known" : check(found->second, value, place);
        }
        if (keyword == "type") {
            auto types = of.is_array() ? of : json::array({of});
            return unless(std::any_of(types.begin(), types.end(),
                                      [&](const json& one) { return has_type(value, one); }));
        }
        if (keyword == "const")
            return unless(value == of);
        if (keyword == "enum")
            return unless(std::find(of.begin(), of.end(), value) != of.end());
        if (keyword == "anyOf") {
            std::string reasons;
            for (const auto& one : of) {
                auto wrong = check(one, value, place);
                if (wrong.empty())
                    return {};
                reasons += (reasons.empty() ? "" : "; or ") + wrong;
            }
            return reasons;
        }
        if (keyword == "minimum" || keyword == "maximum" || keyword == "exclusiveMinimum" ||
            keyword == "exclusiveMaximum" || keyword == "multipleOf")
            return unless(!value.is_number() || number_fits(keyword, amount(of), amount(value)));
        if (keyword == "minLength" || keyword == "maxLength" || keyword == "pattern")
            return unless(!value.is_string() || text_fits(keyword, of, value.get<std::string>()));
        if (keyword == "items" || keyword == "prefixItems" || keyword == "minItems" || keyword == "maxItems")
            return value.is_array() ? check_list(keyword, of, schema, value, place) : std::string{};
        if (keyword == "properties" || keyword == "required" || keyword == "additionalProperties" ||
            keyword == "propertyNames" || keyword == "maxProperties")
            return value.is_object() ? check_object(keyword, of, schema, value, place) : std::string{};
        return fmt::format("{}: the keyword {} is not known", place, keyword);
    }

    static bool number_fits(const std::string& keyword, long double bound, long double number) {
        if (keyword == "minimum")
            return number >= bound;
        if (keyword == "maximum")
            return number <= bound;
        if (keyword == "exclusiveMinimum")
            return number > bound;
        if (keyword == "exclusiveMaximum")
            return number < bound;
        return std::fmod(number, bound) == 0;
    }

    static bool text_fits(const std::string& keyword, const json& of, const std::string& text) {
        if (keyword == "minLength")
            return characters(text) >= of.get<std::size_t>();
        if (keyword == "maxLength")
            return characters(text) <= of.get<std::size_t>();
        return std::regex_search(text, std::regex{of.get<std::string>()});
    }

    std::string check_list(const std::string& keyword, const json& of, const json& schema, const json& value,
                           const std::string& place) const {
        if (keyword == "minItems")
            return value.size() >= of.get<std::size_t>() ? "" : place + " has too few items";
        if (keyword == "maxItems")
            return value.size() <= of.get<std::size_t>() ? "" : place + " has too many items";
        const bool all = keyword == "items";
        std::size_t first = all && schema.contains("prefixItems") ? schema["prefixItems"].size() : 0;
        std::size_t end = all ? value.size() : std::min(value.size(), of.size());
        for (auto index = first; index < end; ++index)
            if (auto wrong = check(all ? of : of[index], value[index], fmt::format("{}/{}", place, index));
                !wrong.empty())
                return wrong;
        return {};
    }

    std::string check_object(const std::string& keyword, const json& of, const json& schema,
                             const json& value, const std::string& place) const {
        if (keyword == "maxProperties")
            return value.size() <= of.get<std::size_t>() ? "" : place + " has too many keys";
        if (keyword == "required") {
            for (const auto& name : of)
                if (!value.contains(name.get<std::string>()))
                    return fmt::format("{} has no {}", place, name.dump());
            return {};
        }
        for (const auto& [name, item] : value.items()) {
            const bool named = schema.contains("properties") && schema["properties"].contains(name);
            std::string wrong;
            if (keyword == "propertyNames")
                wrong = check(of, name, place);
            else if (keyword == "properties" ? of.contains(name) : !named)
                wrong = check(keyword == "properties" ? of[name] : of, item, place + "/" + name);
            if (!wrong.empty())
                return wrong;
        }
        return {};
    }

    const std::map<std::string, json>& components_;
};

} // namespace

std::string schema_violation(const json& schema, const json& value,
                             const std::map<std::string, json>& components) {
    return validator{components}.check(schema, value, "");
}

} // namespace gestvenv::test
