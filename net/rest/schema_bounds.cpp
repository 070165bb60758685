// SPDX-License-Identifier: MIT
#include "net/rest/schema_bounds.hpp"

#include "messages/validation.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace gestvenv::rest {

namespace {

using nlohmann::json;

// Characters as ECMA-262 writes them: these patterns are read by other programs.
constexpr std::string_view without_nul = "^[^\\u0000]*$";
constexpr std::string_view without_control_characters = "^[^\\u0000-\\u001F\\u007F]*$";
constexpr std::string_view absolute_path = "^/[^\\u0000]*$";

json path() {
    return {{"pattern", without_nul}, {"minLength", 1}, {"maxLength", bounds::path_length - 1}};
}

json optional_path() {
    return {{"pattern", without_nul}, {"maxLength", bounds::path_length - 1}};
}

json range(std::int64_t least, std::int64_t most) {
    return {{"minimum", least}, {"maximum", most}};
}

json lifetime() {
    return range(1, longest_duration.count());
}

// Half a millisecond is rounded up to one. "unlimited" is not accepted.
json timeout() {
    return {{"minimum", 0.0005}, {"maximum", longest_duration.count()}, {"words", false}};
}

json variables() {
    return {{"propertyNames", {{"pattern", "^[^=\\u0000]+$"}}},
            {"additionalProperties", {{"pattern", without_nul}}}};
}

json packages() {
    return {{"maxItems", bounds::packages},
            {"items", {{"minLength", 1}, {"maxLength", bounds::package_length}}}};
}

json some(json list) {
    list["minItems"] = 1;
    return list;
}

using bounds_table = std::map<std::string, json, std::less<>>;

bounds_table fields_of_environments() {
    return {
        {"environment_spec.name", {{"pattern", "^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,63})?$"}}},
        // A version, a range of them, or the path of an interpreter.
        {"environment_spec.python_version",
         {{"pattern", "^(?:[0-9<>=!~]|/|[^-/\\u0000-\\u001F\\u007F][^/\\u0000-\\u001F\\u007F]*/)"
                      "[^\\u0000-\\u001F\\u007F]*$"},
          {"maxLength", bounds::path_length - 1}}},
        {"environment_spec.ttl", lifetime()},
        {"environment_spec.max_idle_time", lifetime()},
        {"environment_spec.wait_for_room", timeout()},
        {"environment_spec.tags",
         {{"maxProperties", bounds::tags},
          {"propertyNames",
           {{"pattern", without_control_characters},
            {"minLength", 1},
            {"maxLength", bounds::tag_name_length}}},
          {"additionalProperties",
           {{"pattern", without_control_characters}, {"maxLength", bounds::tag_value_length}}}}},
        {"environment_spec.packages", packages()},
        {"environment_spec.requirements_file", path()},
        {"environment_spec.requirements_files", {{"items", path()}}},
        {"environment_spec.build_variables", variables()},
        {"resource_limits.max_memory", range(1, bounds::largest_size.count)},
        {"resource_limits.max_disk", range(1, bounds::largest_size.count)},
        {"resource_limits.max_processes", range(1, 100'000)},
        {"resource_limits.max_threads", range(1, 1'000'000)},
        {"resource_limits.max_cpu_percent",
         {{"minimum", bounds::smallest_cpu_percent},
          {"maximum", bounds::largest_cpu_percent},
          {"words", false}}},
        {"project_source.folder", path()},
        {"install_context.folder", optional_path()},
        {"install_context.variables", variables()},
        {"install_request.packages", packages()},
        {"install_request.requirements_files", {{"items", path()}}},
        {"install_request.timeout", timeout()},
        {"uninstall_request.packages", some(packages())},
        {"uninstall_request.timeout", timeout()},
    };
}

bounds_table fields_of_commands() {
    return {
        {"access_grant.path", {{"pattern", absolute_path}, {"maxLength", bounds::path_length - 1}}},
        {"command_terminal.device", {{"minimum", 0}}},
        {"command_spec.arguments",
         {{"items", {{"pattern", without_nul}, {"maxLength", bounds::argument_length - 1}}}}},
        {"command_spec.text", {{"pattern", without_nul}}},
        {"command_spec.timeout", timeout()},
        {"command_spec.working_directory", optional_path()},
        {"command_spec.variables", variables()},
        {"command_spec.passed_descriptors",
         {{"maxItems", bounds::passed_descriptors}, {"items", {{"minimum", 3}}}}},
        {"command_spec.grants", {{"maxItems", bounds::grants}}},
        {"command_spec.umask", range(0, 0777)},
        {"command_spec.memory_limit", range(0, std::int64_t{1} << 30)},
        {"command_spec.output_limit", range(0, std::int64_t{1} << 40)},
        {"process_settings.nice", range(-20, 19)},
        {"process_settings.processors", {{"items", range(0, 8191)}}},
        {"process_settings.limits",
         {{"propertyNames",
           {{"enum",
             {"core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc",
              "rss", "rtprio", "rttime", "sigpending", "stack"}}}}}},
    };
}

json empty_list() {
    return {{"maxItems", 0}};
}

/// Program and arguments, or a text; a shell takes a text.
json one_command() {
    json program{{"minItems", 1}, {"prefixItems", json::array({json{{"minLength", 1}}})}};
    json by_arguments{
        {"required", json::array({"arguments"})},
        {"properties",
         {{"arguments", std::move(program)}, {"text", {{"const", ""}}}, {"shell", {{"const", false}}}}}};
    json by_text{{"required", json::array({"text"})},
                 {"properties", {{"arguments", empty_list()}, {"text", {{"minLength", 1}}}}}};
    return json::array({std::move(by_arguments), std::move(by_text)});
}

/// Something, and a project by itself.
json one_installation() {
    const json no_project{{"type", "null"}};
    json by_packages{{"required", json::array({"packages"})},
                     {"properties", {{"packages", {{"minItems", 1}}}, {"project", no_project}}}};
    json by_files{{"required", json::array({"requirements_files"})},
                  {"properties", {{"requirements_files", {{"minItems", 1}}}, {"project", no_project}}}};
    json by_project{{"required", json::array({"project"})},
                    {"properties",
                     {{"project", {{"type", "object"}}},
                      {"packages", empty_list()},
                      {"requirements_files", empty_list()}}}};
    return json::array({std::move(by_packages), std::move(by_files), std::move(by_project)});
}

bounds_table structures() {
    return {
        {"command_spec", {{"anyOf", one_command()}}},
        {"install_request", {{"anyOf", one_installation()}}},
        {"uninstall_request", {{"required", json::array({"packages"})}}},
        {"project_source", {{"required", json::array({"folder"})}}},
        {"access_grant", {{"required", json::array({"path"})}}},
        {"command_terminal", {{"required", json::array({"device"})}}},
    };
}

std::string_view type_of_keyword(std::string_view keyword) noexcept {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> types{{
        {"minimum", "number"},
        {"maximum", "number"},
        {"pattern", "string"},
        {"minLength", "string"},
        {"maxLength", "string"},
        {"items", "array"},
        {"minItems", "array"},
        {"maxItems", "array"},
        {"propertyNames", "object"},
        {"maxProperties", "object"},
        {"additionalProperties", "object"},
    }};
    const auto* known =
        std::find_if(types.begin(), types.end(), [keyword](const auto& one) { return one.first == keyword; });
    return known == types.end() ? std::string_view{} : known->second;
}

bool has_type(const json& schema, std::string_view type) {
    if (!schema.contains("type"))
        return false;
    auto fits = [type](const json& one) { return one == type || (type == "number" && one == "integer"); };
    const auto& types = schema["type"];
    return types.is_array() ? std::any_of(types.begin(), types.end(), fits) : fits(types);
}

void add(json& schema, const json& keywords) {
    if (schema.contains("anyOf")) {
        auto& alternatives = schema["anyOf"];
        if (keywords.contains("words")) { // an alternative that is a word has no type
            json numbers = json::array();
            for (auto& one : alternatives)
                if (one.contains("type"))
                    numbers.push_back(std::move(one));
            alternatives = std::move(numbers);
        }
        for (auto& one : alternatives)
            add(one, keywords);
        if (alternatives.size() == 1) {
            json only = std::move(alternatives.front());
            schema = std::move(only);
        }
        return;
    }
    for (const auto& [keyword, value] : keywords.items()) {
        if (!has_type(schema, type_of_keyword(keyword)))
            continue;
        if (keyword == "items" || keyword == "additionalProperties") {
            add(schema[keyword], value);
            continue;
        }
        if (keyword == "minimum" || keyword == "maximum")
            schema.erase(keyword == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum");
        schema[keyword] = value;
    }
}

} // namespace

void bound_field(std::string_view type, std::string_view field, json& schema) {
    static const auto environments = fields_of_environments();
    static const auto commands = fields_of_commands();
    auto name = std::string{type}.append(".").append(field);
    for (const auto* table : {&environments, &commands})
        if (auto found = table->find(name); found != table->end())
            add(schema, found->second);
}

void bound_structure(std::string_view type, json& schema) {
    static const auto known = structures();
    auto found = known.find(type);
    if (found == known.end())
        return;
    for (const auto& [keyword, value] : found->second.items())
        schema[keyword] = value;
    // What must be given has no default.
    if (schema.contains("required"))
        for (const auto& name : schema["required"])
            schema["properties"][name.get<std::string>()].erase("default");
}

} // namespace gestvenv::rest
