// SPDX-License-Identifier: MIT
#include "net/observability/otlp_document.hpp"

#include "system/redaction.hpp"
#include "system/version.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace gestvenv {

namespace {

using nlohmann::json;

json attribute(std::string_view name, std::string_view value) {
    return {{"key", name}, {"value", {{"stringValue", without_secrets(value)}}}};
}

std::string nanoseconds(std::chrono::system_clock::time_point at) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count());
}

bool is_set(const span_id& id) {
    return std::any_of(id.begin(), id.end(), [](auto byte) { return byte != 0; });
}

json span_value(const span_record& what) {
    constexpr int internal = 1;
    constexpr int server = 2;
    constexpr int status_ok = 1;
    constexpr int status_error = 2;
    auto attributes = json::array();
    const auto add = [&attributes](std::string_view name, std::string_view value) {
        if (!value.empty())
            attributes.push_back(attribute(name, value));
    };
    add("gestvenv.environment.id", what.environment_id);
    add("gestvenv.environment.name", what.environment_name);
    add("gestvenv.operation.id", what.operation);
    for (const auto& [name, value] : what.attributes)
        add("gestvenv." + name, value);
    json result{
        {"traceId", hexadecimal(what.context.trace)},
        {"spanId", hexadecimal(what.context.span)},
        {"name", what.name},
        {"kind", is_operation(what) ? server : internal},
        {"startTimeUnixNano", nanoseconds(what.began)},
        {"endTimeUnixNano",
         nanoseconds(what.began +
                     std::chrono::duration_cast<std::chrono::system_clock::duration>(what.duration))},
    };
    if (is_set(what.parent))
        result["parentSpanId"] = hexadecimal(what.parent);
    if (what.follows)
        result["links"] = json::array(
            {{{"traceId", hexadecimal(what.follows->trace)}, {"spanId", hexadecimal(what.follows->span)}}});
    if (what.problem) {
        add("error.type", to_string(what.problem->code));
        result["status"] = {{"code", status_error}, {"message", without_secrets(what.problem->message)}};
    } else {
        result["status"] = {{"code", status_ok}};
    }
    result["attributes"] = std::move(attributes);
    return result;
}

} // namespace

bool is_operation(const span_record& what) noexcept {
    constexpr std::array<std::string_view, 5> operations{"create", "execute", "install", "uninstall",
                                                         "destroy"};
    return std::find(operations.begin(), operations.end(), what.name) != operations.end();
}

std::string otlp_document(std::span<const span_record> spans,
                          const std::vector<std::pair<std::string, std::string>>& resource) {
    auto attributes = json::array();
    for (const auto& [name, value] : resource)
        attributes.push_back(attribute(name, value));
    auto values = json::array();
    for (const auto& one : spans)
        values.push_back(span_value(one));
    json scope{{"scope", {{"name", "gestvenv"}, {"version", program_version}}}, {"spans", std::move(values)}};
    json of_resource{{"resource", {{"attributes", std::move(attributes)}}},
                     {"scopeSpans", json::array({std::move(scope)})}};
    return json{{"resourceSpans", json::array({std::move(of_resource)})}}.dump(
        -1, ' ', false, json::error_handler_t::replace);
}

} // namespace gestvenv
