// SPDX-License-Identifier: MIT
#include "net/rest/openapi.hpp"

#include "net/rest/pages.hpp"
#include "net/rest/problem.hpp"
#include "net/rest/schema_of.hpp"
#include "tests/net/schema_validator.hpp"

#include "messages/json.hpp"

#include <gestvenv/environment_info.hpp>
#include <gestvenv/environment_spec.hpp>

#include <catch2/catch_test_macros.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

using namespace gestvenv;
using namespace gestvenv::rest;
using namespace gestvenv::test;
using nlohmann::json;

namespace {

using kind = query_parameter::kind;

constexpr std::array query{
    query_parameter{"force", kind::flag, "also while it is in use"},
    query_parameter{"most", kind::number, "the last ones", 1, 720},
    query_parameter{"cursor", kind::text, "where to go on"},
};
constexpr std::array answers{
    route_answer{201, "it is there", schema_of<environment_info>},
    route_answer{201, "it comes", nullptr, "text/event-stream"},
    route_answer{204, "nothing to say"},
};
const std::array page{
    route{.method = "POST",
          .path = "/api/v1/ephemeral/things/{env}/parts/{part}",
          .operation_id = "makePart",
          .summary = "Makes a part.",
          .needs = right::write,
          .query = query,
          .body = schema_of<environment_spec>,
          .answers = answers,
          .idempotent_by_key = true},
    route{.method = "PUT",
          .path = "/api/v1/files",
          .operation_id = "sendFile",
          .summary = "Takes a file.",
          .needs = right::admin,
          .body_media_type = "application/octet-stream",
          .body_is_optional = true},
    route{.method = "GET",
          .path = "/health",
          .operation_id = "health",
          .summary = "Lives.",
          .needs = right::none},
};

json document_of_test_routes() {
    const std::array<std::span<const route>, 1> pages{page};
    return openapi_document(router{pages}, "1.2.3");
}

json document_of_node() {
    return openapi_document(router{all_pages()}, "1.2.3");
}

/// Every reference in a document.
std::set<std::string> references_in(const json& value) {
    std::set<std::string> found;
    if (value.is_object() && value.contains("$ref") && value["$ref"].is_string())
        found.insert(value["$ref"].get<std::string>());
    for (const auto& item : value)
        if (item.is_structured())
            found.merge(references_in(item));
    return found;
}

std::set<std::string> keys_of(const json& object) {
    std::set<std::string> keys;
    for (const auto& [key, value] : object.items())
        keys.insert(key);
    return keys;
}

} // namespace

TEST_CASE("an operation of the document says what its route takes") {
    auto made = document_of_test_routes()["paths"]["/api/v1/ephemeral/things/{env}/parts/{part}"]["post"];
    CHECK(made["operationId"] == "makePart");
    CHECK(made["tags"] == json::array({"ephemeral"}));
    CHECK(made["security"] == json::parse(R"([{"token": ["write"]}])"));
    std::map<std::string, json> parameters;
    for (const auto& one : made["parameters"])
        parameters[one["name"]] = one;
    CHECK(parameters["env"]["in"] == "path");
    CHECK(parameters["part"]["required"] == true);
    CHECK(parameters["force"]["schema"] == json::parse(R"({"type": "boolean"})"));
    CHECK(parameters["most"]["schema"] ==
          json::parse(R"({"type": "integer", "minimum": 1, "maximum": 720})"));
    CHECK(parameters["cursor"]["in"] == "query");
    CHECK_FALSE(schema_violation(parameters["cursor"]["schema"], std::string("a\0b", 3), {}).empty());
    CHECK(parameters["Idempotency-Key"]["in"] == "header");
    CHECK(made["requestBody"]["required"] == true);
    CHECK(made["requestBody"]["content"]["application/json"]["schema"]["$ref"] ==
          "#/components/schemas/environment_spec_input");

    auto sent = document_of_test_routes()["paths"]["/api/v1/files"]["put"];
    CHECK(sent["requestBody"]["required"] == false);
    CHECK(keys_of(sent["requestBody"]["content"]) == std::set<std::string>{"application/octet-stream"});
    CHECK_FALSE(sent.contains("parameters"));
}

TEST_CASE("an operation of the document says what is answered, problems included") {
    auto document = document_of_test_routes();
    auto answered = document["paths"]["/api/v1/ephemeral/things/{env}/parts/{part}"]["post"]["responses"];
    CHECK(answered["201"]["description"] == "it is there; or it comes");
    CHECK(answered["201"]["content"]["application/json"]["schema"]["$ref"] ==
          "#/components/schemas/environment_info");
    CHECK(answered["201"]["content"]["text/event-stream"]["schema"]["type"] == "string");
    CHECK_FALSE(answered["204"].contains("content"));
    for (const auto* status : {"400", "401", "403", "404", "409", "413", "415", "422", "429", "default"})
        CHECK(answered.contains(status));
    auto health = document["paths"]["/health"]["get"];
    CHECK(health["security"] == json::array());
    CHECK(keys_of(health["responses"]) == std::set<std::string>{"400", "default"});
    CHECK(document["components"]["responses"]["problem_404"]["content"].contains("application/problem+json"));
}

TEST_CASE("problem documents are as the document says") {
    auto components = document_of_node()["components"]["schemas"].get<std::map<std::string, json>>();
    for (const auto& answer :
         {problem(error{error_code::environment_not_found, "no environment is named 'x'", "x", "look"}),
          problem(405, "PUT is not possible here"), problem(507, "full", "make room")})
        CHECK(schema_violation(components.at("problem"), *parse_json(answer.body), components).empty());
    CHECK_FALSE(
        schema_violation(components.at("problem"), json::parse(R"({"detail": "x"})"), components).empty());
}

TEST_CASE("a command that is sent takes nothing of the process that sends it") {
    auto document = document_of_node();
    auto components = document["components"]["schemas"].get<std::map<std::string, json>>();
    auto violation = [&](std::string_view text) {
        return schema_violation(components.at("command_spec_input"), json::parse(text), components);
    };
    CHECK(violation(R"({"text": "ls", "streams": "capture", "terminal": null, "passed_descriptors": []})")
              .empty());
    CHECK_FALSE(violation(R"({"text": "ls", "streams": "inherit"})").empty());
    CHECK_FALSE(violation(R"({"text": "ls", "terminal": {"device": 4}})").empty());
    CHECK_FALSE(violation(R"({"text": "ls", "passed_descriptors": [4]})").empty());
}

TEST_CASE("the document of the node has every route once, and everything that it refers to") {
    auto document = document_of_node();
    CHECK(document["openapi"] == "3.1.0");
    CHECK(document["info"]["version"] == "1.2.3");
    std::set<std::string> ids;
    std::size_t routes = 0;
    for (auto one_page : all_pages())
        for (const auto& one : one_page) {
            INFO(one.method << " " << one.path);
            ++routes;
            CHECK(ids.insert(std::string{one.operation_id}).second);
            CHECK(one.summary.ends_with("."));
            CHECK_FALSE(one.answers.empty());
            CHECK(one.handle != nullptr);
            for (const auto& parameter : one.query)
                CHECK((parameter.takes != kind::number || parameter.least < parameter.most));
        }
    std::size_t operations = 0;
    for (const auto& [path, methods] : document["paths"].items())
        operations += methods.size();
    CHECK(operations == routes);
    for (const auto& reference : references_in(document)) {
        INFO(reference);
        CHECK(document.contains(json::json_pointer{reference.substr(1)}));
    }
}
