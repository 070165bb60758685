// SPDX-License-Identifier: MIT
#include "net/rest/schema_of.hpp"

#include "messages/validation.hpp"
#include "system/python/requirement.hpp"
#include "tests/net/filled_value.hpp"
#include "tests/net/schema_validator.hpp"

#include <gestvenv/crash_report.hpp>
#include <gestvenv/environment_info.hpp>
#include <gestvenv/operation_result.hpp>
#include <gestvenv/process_info.hpp>
#include <gestvenv/resource_usage.hpp>
#include <gestvenv/runtime_event.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::rest;
using namespace gestvenv::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct described {
    schema_components components;
    json schema;

    std::string violation(const json& value) const {
        return schema_violation(schema, value, components.named);
    }
    const json& structure(const std::string& name) const { return components.named.at(name); }
};

template <class T>
described describe(direction way) {
    described result;
    result.components.way = way;
    result.schema = schema_of<T>(result.components);
    return result;
}

std::set<std::string> keys_of(const json& object) {
    std::set<std::string> keys;
    for (const auto& [key, value] : object.items())
        keys.insert(key);
    return keys;
}

/// What the public types have no field of.
struct other_kinds {
    std::int8_t tiny = 0;
    float small = 0;
    std::chrono::hours coarse{};
    std::chrono::duration<double> exact{};
    std::map<std::string, std::vector<double>> table;
    std::vector<other_kinds> nested;
};

template <class Inspector>
bool inspect(Inspector& f, other_kinds& x) {
    return f.object(x).fields(f.field("tiny", x.tiny), f.field("small", x.small), f.field("coarse", x.coarse),
                              f.field("exact", x.exact), f.field("table", x.table),
                              f.field("nested", x.nested));
}

} // namespace

TEMPLATE_TEST_CASE(
    "a schema has every field of a public type, and what is written is as the schema of answers says", "",
    environment_spec, environment_info, command_spec, operation_result, install_request, uninstall_request,
    install_result, resource_limits, resource_usage, usage_sample, process_info, process_list, runtime_config,
    runtime_event, crash_report, teardown_receipt, error) {
    const auto fields = keys_of(to_json_value(TestType{}));
    const std::string name{plain_type_name<TestType>()};

    auto input = describe<TestType>(direction::input);
    CHECK(input.schema == schema_parts::reference_to(name + "_input"));
    CHECK(keys_of(input.structure(name + "_input")["properties"]) == fields);

    auto output = describe<TestType>(direction::output);
    CHECK(output.schema == schema_parts::reference_to(name));
    CHECK(keys_of(output.structure(name)["properties"]) == fields);
    auto required = output.structure(name)["required"].template get<std::set<std::string>>();
    CHECK(required == fields);
    CHECK(output.violation(to_json_value(TestType{})).empty());
    CHECK(output.violation(to_json_value(filled<TestType>())).empty());
    auto incomplete = to_json_value(TestType{});
    incomplete.erase(*fields.begin());
    CHECK_FALSE(output.violation(incomplete).empty());
}

TEST_CASE("a schema follows every kind of value, and a type that holds itself") {
    auto output = describe<other_kinds>(direction::output);
    auto value = other_kinds{};
    value.small = std::numeric_limits<float>::infinity();
    value.coarse = std::chrono::hours::max();
    value.nested = {{.tiny = -1, .table = {{"\xFF", {1.5}}}}};
    CHECK(output.violation(to_json_value(value)).empty());
    auto input = describe<other_kinds>(direction::input);
    CHECK(input.violation(json::parse(R"({"nested": [{"tiny": -128, "coarse": 7200}]})")).empty());
    CHECK_FALSE(input.violation(json::parse(R"({"nested": [{"tiny": -129}]})")).empty());
    CHECK_FALSE(input.violation(json::parse(R"({"coarse": 90})")).empty());
}

TEST_CASE("an enumeration is a schema of its own with all its spellings") {
    auto output = describe<environment_info>(direction::output);
    CHECK(output.structure("backend")["enum"] == json::parse(R"(["uv", "pip", "pdm", "poetry", "auto"])"));
    CHECK(output.structure("environment_info")["properties"]["backend"]["$ref"] ==
          "#/components/schemas/backend");
}

TEST_CASE("the schema of a request gives defaults, and each of them is acceptable") {
    auto command = describe<command_spec>(direction::input);
    CHECK(command.structure("command_spec_input")["properties"]["umask"]["default"] == 18);
    CHECK(command.structure("command_spec_input")["properties"]["streams"]["default"] == "capture");
    std::vector all{command, describe<environment_spec>(direction::input),
                    describe<install_request>(direction::input),
                    describe<uninstall_request>(direction::input)};
    for (const auto& one : all)
        for (const auto& [name, structure] : one.components.named)
            if (structure.contains("properties"))
                for (const auto& [field, schema] : structure["properties"].items())
                    if (schema.contains("default")) {
                        INFO(name << "." << field);
                        CHECK(schema_violation(schema, schema["default"], one.components.named).empty());
                    }
}
