// SPDX-License-Identifier: MIT
// What the schema of a request accepts is what is accepted, value by value.
#include "net/rest/schema_of.hpp"

#include "messages/validation.hpp"
#include "system/python/requirement.hpp"
#include "tests/net/schema_validator.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::rest;
using namespace gestvenv::test;
using nlohmann::json;

namespace {

std::vector<json> values_of_every_kind() {
    std::vector<json> all;
    for (std::string_view text : {"null",
                                  "true",
                                  "false",
                                  "0",
                                  "-0",
                                  "1",
                                  "-1",
                                  "2",
                                  "3",
                                  "9",
                                  "10",
                                  "18",
                                  "19",
                                  "20",
                                  "-20",
                                  "-21",
                                  "511",
                                  "512",
                                  "4096",
                                  "8191",
                                  "8192",
                                  "100000",
                                  "100001",
                                  "1000000",
                                  "1000001",
                                  "315532800",
                                  "315532801",
                                  "2147483648",
                                  "-2147483648",
                                  "-2147483649",
                                  "1073741824",
                                  "1073741825",
                                  "1099511627776",
                                  "1099511627777",
                                  "-9223372036854775808",
                                  "9223372036854775808",
                                  "18446744073709551615",
                                  "18446744073709551616",
                                  "1e300",
                                  "-1e300",
                                  "0.0",
                                  "1.0",
                                  "-1.0",
                                  "3.0",
                                  "511.0",
                                  "600.0",
                                  "0.05",
                                  "0.1",
                                  "0.0004",
                                  "0.0005",
                                  "0.001",
                                  "1.5",
                                  "1000000.5",
                                  R"("")",
                                  R"("a")",
                                  R"("a b")",
                                  R"("a\nb")",
                                  R"("a\n")",
                                  R"("\u0000")",
                                  R"("a\u0000b")",
                                  R"("\u007f")",
                                  R"("\u00e9")",
                                  R"("\ud83d\ude00")",
                                  R"("/")",
                                  R"("/a")",
                                  R"("a/b")",
                                  R"("-a/b")",
                                  R"("-")",
                                  R"("-a")",
                                  R"(".")",
                                  R"(".a")",
                                  R"("_a.b-c")",
                                  R"("a/")",
                                  R"("3.12")",
                                  R"(">=3.10,<3.13")",
                                  R"("3\u0000")",
                                  R"("unlimited")",
                                  R"("Unlimited")",
                                  R"("NaN")",
                                  R"("Infinity")",
                                  R"("uv")",
                                  R"("UV")",
                                  R"("pip")",
                                  R"("capture")",
                                  R"("inherit")",
                                  R"("write")",
                                  R"("process")",
                                  R"("host")",
                                  R"("tmpfs")",
                                  R"("600")",
                                  R"("2025-03-01T12:34:56Z")",
                                  "[]",
                                  R"(["a"])",
                                  R"([""])",
                                  "[1]",
                                  "[3]",
                                  "[null]",
                                  R"(["a", 1])",
                                  "[[]]",
                                  R"([["a", "b"]])",
                                  R"([["a", {}]])",
                                  "{}",
                                  R"({"a": "b"})",
                                  R"({"a": 1})",
                                  R"({"": "b"})",
                                  R"({"a=": "b"})",
                                  R"({"a\u0000": "b"})",
                                  R"({"a": "b\u0000"})",
                                  R"({"a\n": "b"})",
                                  R"({"folder": "/a"})",
                                  R"({"folder": ""})",
                                  R"({"folder": "a", "extras": ["b"]})",
                                  R"({"path": "/a"})",
                                  R"({"device": 1})",
                                  R"({"device": -1})",
                                  R"({"nofile": {"soft": 1}})",
                                  R"({"files": {"soft": 1}})",
                                  R"({"base64": 1})",
                                  R"({"base64": "!"})"})
        all.push_back(*parse_json(text));
    for (std::size_t length : {64, 65, 128, 129, 1024, 1025, 4095, 4096, 4097})
        all.emplace_back(std::string(length, 'a'));
    for (std::size_t length : {64, 65})
        all.push_back(json(std::vector<int>(length, 5)));
    return all;
}

/// Pointers to every field of a request, and to an item of every list and map in it.
class field_finder {
public:
    explicit field_finder(const schema_components& components) : components_(components) {}

    std::vector<std::string> find(const json& schema) {
        walk(schema, "");
        return std::move(found_);
    }

private:
    void walk(const json& schema, const std::string& place) {
        if (!place.empty())
            found_.push_back(place);
        follow(schema, place);
        if (schema.contains("anyOf") && !schema.contains("properties"))
            for (const auto& one : schema["anyOf"])
                follow(one, place);
    }

    void follow(const json& schema, const std::string& place) {
        if (schema.contains("$ref")) {
            auto name = schema["$ref"].get<std::string>();
            follow(components_.named.at(name.substr(name.rfind('/') + 1)), place);
        }
        if (schema.contains("properties"))
            for (const auto& [name, property] : schema["properties"].items())
                walk(property, place + "/" + name);
        if (schema.contains("items"))
            walk(schema["items"], place + "/0");
        else if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object())
            walk(schema["additionalProperties"], place + "/nofile");
    }

    const schema_components& components_;
    std::vector<std::string> found_;
};

template <class T>
bool is_accepted(const json& document) {
    auto value = from_json_value<T>(document);
    if (!value || !validate(*value))
        return false;
    if constexpr (requires { value->empty(); })
        if (value->empty()) // the backend would refuse it
            return false;
    if constexpr (requires { value->packages; })
        return python::validate_packages(value->packages).has_value();
    return true;
}

/// `beyond`: fields of which a schema says less than is checked (net/rest/schema_bounds.hpp).
template <class T>
void compare(const json& base, const std::set<std::string>& beyond) {
    schema_components components{direction::input, {}};
    auto schema = schema_of<T>(components);
    REQUIRE(is_accepted<T>(base));
    auto fields = field_finder{components}.find(schema);
    REQUIRE(fields.size() > 5);
    std::size_t accepted = 0;
    std::vector<std::string> differences;
    for (const auto& field : fields)
        for (const auto& value : values_of_every_kind()) {
            auto document = base;
            document[json::json_pointer{field}] = value;
            auto violation = schema_violation(schema, document, components.named);
            const bool is_read = is_accepted<T>(document);
            accepted += is_read ? 1 : 0;
            if (violation.empty() != is_read && (is_read || !beyond.contains(field)))
                differences.push_back(field + " = " + value.dump().substr(0, 80) +
                                      (is_read ? " is accepted: " + violation : " is refused"));
        }
    for (const auto& difference : differences)
        UNSCOPED_INFO(difference);
    CHECK(differences.empty());
    CHECK(accepted > fields.size()); // or nothing was compared
}

} // namespace

TEST_CASE("the schema of an environment's specification accepts what is accepted") {
    compare<environment_spec>(json::object(), {"/packages/0"});
}

TEST_CASE("the schema of a command accepts what is accepted") {
    // Both limits of a process are compared with each other.
    compare<command_spec>({{"arguments", {"true"}}}, {"/process_settings/limits/nofile/hard"});
}

TEST_CASE("the schema of a command for a shell accepts what is accepted") {
    compare<command_spec>({{"text", "true"}, {"shell", true}}, {"/process_settings/limits/nofile/hard"});
}

TEST_CASE("the schema of an installation accepts what is accepted") {
    compare<install_request>({{"packages", {"a"}}}, {"/packages/0"});
    compare<install_request>({{"requirements_files", {"/a"}}}, {"/packages/0"});
    compare<install_request>({{"project", {{"folder", "/a"}}}}, {"/packages/0"});
}

TEST_CASE("the schema of an uninstallation accepts what is accepted") {
    compare<uninstall_request>({{"packages", {"a"}}}, {"/packages/0"});
}

TEST_CASE("a request without what it must have, or with what it does not know, is refused by its schema") {
    schema_components components{direction::input, {}};
    auto command = schema_of<command_spec>(components);
    auto uninstallation = schema_of<uninstall_request>(components);
    auto installation = schema_of<install_request>(components);
    auto violation = [&](const json& schema, std::string_view text) {
        return schema_violation(schema, json::parse(text), components.named);
    };
    CHECK(violation(command, R"({"arguments": ["ls", "-l"], "text": "", "shell": false})").empty());
    CHECK(violation(command, R"({"text": "ls | wc", "shell": true})").empty());
    CHECK_FALSE(violation(command, "{}").empty());
    CHECK_FALSE(violation(command, R"({"arguments": ["ls"], "text": "ls"})").empty());
    CHECK_FALSE(violation(command, R"({"arguments": ["ls"], "shell": true})").empty());
    CHECK_FALSE(violation(command, R"({"arguments": ["ls"], "argument": 1})").empty());
    CHECK_FALSE(violation(uninstallation, "{}").empty());
    CHECK_FALSE(violation(uninstallation, R"({"packages": []})").empty());
    CHECK(violation(installation, R"({"project": {"folder": "/a"}})").empty());
    CHECK_FALSE(violation(installation, R"({"project": {"folder": "/a"}, "packages": ["b"]})").empty());
    CHECK_FALSE(violation(installation, R"({"project": {}})").empty());
    CHECK_FALSE(violation(installation, "{}").empty());
    CHECK_FALSE(violation(installation, R"({"project": null, "packages": []})").empty());
}
