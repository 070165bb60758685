// SPDX-License-Identifier: MIT
#include "net/rest/openapi.hpp"

#include "net/rest/problem.hpp"
#include "net/rest/schema_of.hpp"

#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/operation_result.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::rest {

namespace {

using nlohmann::json;

constexpr std::string_view description = "What a node does for its clients: short-lived Python environments, "
                                         "commands in them, and proofs that nothing of "
                                         "them is left. On the Unix socket no token is needed; on TCP "
                                         "always. Durations are seconds. An error is a problem "
                                         "document (RFC 9457). Text that is not UTF-8 is written as "
                                         "{\"base64\": \"...\"} and may be sent so wherever a "
                                         "string is taken; the schemas of requests leave that form out.";

struct tag_text {
    std::string_view name;
    std::string_view description;
};

constexpr std::array tags{
    tag_text{"ephemeral", "Environments, commands and packages in them, receipts"},
    tag_text{"operations", "What is under way and what has ended lately"},
    tag_text{"events", "What happens"},
    tag_text{"system", "The node itself"},
};

struct path_parameter_text {
    std::string_view name;
    std::string_view description;
    std::string_view pattern;
};

constexpr std::array path_parameters_known{
    path_parameter_text{"env",
                        "An environment's id, a unique beginning of it (4 characters at least), or its name",
                        "^[A-Za-z0-9_][A-Za-z0-9._-]*$"},
    path_parameter_text{"operation", "An operation's id", "^[A-Za-z0-9._-]+$"},
    path_parameter_text{"file", "The name of a file of the page", "^[A-Za-z0-9_-][A-Za-z0-9._-]*$"},
};

/// `ephemeral` of `/api/v1/ephemeral/stats`.
std::string_view tag_of(std::string_view path) {
    constexpr std::string_view root = "/api/v1/";
    if (path.starts_with(root)) {
        auto part = path.substr(root.size());
        part = part.substr(0, part.find('/'));
        if (std::any_of(tags.begin(), tags.end(), [part](const auto& one) { return one.name == part; }))
            return part;
    }
    return "system";
}

json problem_schema(schema_components& components) {
    json properties{
        {"type", {{"type", "string"}, {"format", "uri-reference"}, {"default", "about:blank"}}},
        {"title", {{"type", "string"}, {"description", "the status in words"}}},
        {"status", {{"type", "integer"}, {"minimum", 400}, {"maximum", 599}}},
        {"detail", {{"type", "string"}, {"description", "what happened, and why"}}},
        {"code", schema_of<error_code>(components)},
        {"exception", {{"type", "string"}, {"description", "the class that a client library throws"}}},
        {"environment", {{"type", "string"}, {"description", "the environment concerned"}}},
        {"hint", {{"type", "string"}, {"description", "what to do"}}},
        {"receipt", schema_of<teardown_receipt>(components)},
        {"result", schema_of<operation_result>(components)},
    };
    return {{"type", "object"},
            {"description",
             "a problem document (RFC 9457); `receipt` where a teardown left residue, `result` where a "
             "command reached its timeout"},
            {"properties", std::move(properties)},
            {"required", json::array({"type", "title", "status", "detail", "code", "exception"})}};
}

json header(std::string_view text, json schema) {
    return {{"description", text}, {"schema", std::move(schema)}};
}

json problem_response(int status) {
    json response{
        {"description", status == 0 ? "Any other problem" : std::string{title_of(status)}},
        {"content", {{"application/problem+json", {{"schema", schema_parts::reference_to("problem")}}}}}};
    if (status == 401)
        response["headers"]["WWW-Authenticate"] = header("the scheme", {{"type", "string"}});
    if (status == 429)
        response["headers"]["Retry-After"] = header("seconds", {{"type", "integer"}});
    return response;
}

std::string name_of_problem(int status) {
    return status == 0 ? "problem" : "problem_" + std::to_string(status);
}

/// The document, while it grows.
class document {
public:
    document() : responses_(json::object()), paths_(json::object()) {}

    void add(const route& one) {
        json operation{{"operationId", one.operation_id},
                       {"summary", one.summary},
                       {"tags", json::array({tag_of(one.path)})},
                       {"responses", responses_of(one)}};
        // The rights stand where those of an OAuth scheme would; each includes the one before it.
        operation["security"] = json::array();
        if (one.needs != right::none)
            operation["security"].push_back({{"token", json::array({to_string(one.needs)})}});
        if (auto parameters = parameters_of(one); !parameters.empty())
            operation["parameters"] = std::move(parameters);
        if (one.body != nullptr || !one.body_media_type.empty())
            operation["requestBody"] = {{"required", !one.body_is_optional},
                                        {"content", content_of_body(one)}};
        auto method = std::string{one.method};
        std::transform(method.begin(), method.end(), method.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
        paths_[std::string{one.path}][method] = std::move(operation);
    }

    json finish(std::string_view version) && {
        output_.named.emplace("problem", problem_schema(output_));
        auto schemas = json::object();
        for (auto* components : {&input_, &output_})
            for (auto& [name, schema] : components->named)
                schemas[name] = std::move(schema);
        auto all_tags = json::array();
        for (const auto& one : tags)
            all_tags.push_back({{"name", one.name}, {"description", one.description}});
        json token{{"type", "http"},
                   {"scheme", "bearer"},
                   {"description",
                    "of `gestvenv token create`; not needed on the Unix socket. Beside it an operation "
                    "names the right that the token must have: read, write or admin"}};
        return {{"openapi", "3.1.0"},
                {"info",
                 {{"title", "GestVenv"},
                  {"version", version},
                  {"description", description},
                  {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}}},
                {"servers", json::array({{{"url", "/"}, {"description", "this node"}}})},
                {"tags", std::move(all_tags)},
                {"paths", std::move(paths_)},
                {"components",
                 {{"schemas", std::move(schemas)},
                  {"responses", std::move(responses_)},
                  {"securitySchemes", {{"token", std::move(token)}}}}}};
    }

private:
    json parameters_of(const route& one) const {
        auto all = json::array();
        for (auto rest = one.path; rest.find('{') != std::string_view::npos;) {
            rest.remove_prefix(rest.find('{') + 1);
            all.push_back(in_path(rest.substr(0, rest.find('}'))));
        }
        for (const auto& parameter : one.query)
            all.push_back({{"name", parameter.name},
                           {"in", "query"},
                           {"description", parameter.description},
                           {"schema", schema_of_query(parameter)}});
        if (one.idempotent_by_key)
            all.push_back(
                {{"name", "Idempotency-Key"},
                 {"in", "header"},
                 {"description", "A request that is sent again with its key gets the answer of the first; "
                                 "with another body or path it is refused (409)"},
                 {"schema", {{"type", "string"}, {"pattern", "^[!-~]{1,255}$"}}}});
        return all;
    }

    static json in_path(std::string_view name) {
        json parameter{{"name", name}, {"in", "path"}, {"required", true}};
        const auto* known = std::find_if(path_parameters_known.begin(), path_parameters_known.end(),
                                         [name](const auto& one) { return one.name == name; });
        parameter["schema"] = {{"type", "string"}, {"minLength", 1}};
        if (known != path_parameters_known.end()) {
            parameter["description"] = known->description;
            parameter["schema"] = {{"type", "string"}, {"pattern", known->pattern}};
        }
        return parameter;
    }

    static json schema_of_query(const query_parameter& parameter) {
        switch (parameter.takes) {
        case query_parameter::kind::flag:
            return {{"type", "boolean"}};
        case query_parameter::kind::number:
            return {{"type", "integer"}, {"minimum", parameter.least}, {"maximum", parameter.most}};
        case query_parameter::kind::text:
            break;
        }
        return {{"type", "string"},
                {"pattern", parameter.pattern.empty() ? "^[^\\u0000]*$" : parameter.pattern}};
    }

    json content_of_body(const route& one) {
        if (one.body == nullptr)
            return {{std::string{one.body_media_type}, json::object()}};
        return {{"application/json", {{"schema", one.body(input_)}}}};
    }

    // Answers with one status are one response with several media types.
    json responses_of(const route& one) {
        auto responses = json::object();
        for (const auto& answer : one.answers) {
            auto& response = responses.emplace(std::to_string(answer.status), json::object()).first.value();
            if (auto said = response.value("description", std::string{}); said.empty())
                response["description"] = answer.description;
            else if (said != answer.description)
                response["description"] = said.append("; or ").append(answer.description);
            if (answer.schema != nullptr)
                response["content"][std::string{answer.media_type}]["schema"] = answer.schema(output_);
            else if (answer.media_type.starts_with("text/"))
                response["content"][std::string{answer.media_type}]["schema"] = {{"type", "string"}};
            else if (answer.media_type != "application/json")
                response["content"][std::string{answer.media_type}] = json::object();
            if (answer.status == 201)
                response["headers"]["Location"] =
                    header("the path of what was made", {{"type", "string"}, {"format", "uri-reference"}});
        }
        add_problems(responses, {400});
        if (one.needs != right::none)
            add_problems(responses, {401, 403});
        if (one.path.find('{') != std::string_view::npos)
            add_problems(responses, {404});
        if (one.needs != right::none && one.method != "GET")
            add_problems(responses, {409, 422, 429});
        if (one.body != nullptr || !one.body_media_type.empty())
            add_problems(responses, {413, 415});
        add_problems(responses, {0});
        return responses;
    }

    void add_problems(json& responses, std::initializer_list<int> statuses) {
        for (int status : statuses) {
            auto name = name_of_problem(status);
            if (!responses_.contains(name))
                responses_[name] = problem_response(status);
            responses[status == 0 ? "default" : std::to_string(status)] = {
                {"$ref", "#/components/responses/" + name}};
        }
    }

    schema_components input_{direction::input, {}};
    schema_components output_{direction::output, {}};
    json responses_;
    json paths_;
};

} // namespace

json openapi_document(const router& routes, std::string_view version) {
    document result;
    for (const auto* one : routes.routes())
        result.add(*one);
    return std::move(result).finish(version);
}

} // namespace gestvenv::rest
