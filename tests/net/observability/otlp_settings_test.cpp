// SPDX-License-Identifier: MIT
#include "net/observability/otlp_settings.hpp"

#include "runtime/observability_configuration.hpp"
#include "system/redaction.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <string>

using namespace gestvenv;

namespace {

outcome<std::optional<otlp_settings>> settings_of(std::map<std::string, std::string> variables,
                                                  const trace_configuration& configured = {}) {
    return read_otlp_settings(configured, [&](const char* name) { return variables[name]; });
}

} // namespace

TEST_CASE("without an endpoint there are no traces") {
    auto found = settings_of({});
    REQUIRE(found);
    CHECK_FALSE(*found);
    found = settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}, {"OTEL_SDK_DISABLED", "true"}});
    REQUIRE(found);
    CHECK_FALSE(*found);
}

TEST_CASE("an endpoint for all signals gets the path of traces, one for traces is taken whole") {
    auto found = settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/base/"}});
    REQUIRE(found);
    CHECK((*found)->where.host == "c");
    CHECK((*found)->where.port == 4318);
    CHECK_FALSE((*found)->where.encrypted);
    CHECK((*found)->target == "/base/v1/traces");
    found = settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
                         {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://[::1]/in?x=1"}});
    REQUIRE(found);
    CHECK((*found)->where.host == "::1");
    CHECK((*found)->where.port == 443);
    CHECK((*found)->where.encrypted);
    CHECK((*found)->target == "/in?x=1");
}

TEST_CASE("a variable wins over the configuration") {
    const trace_configuration configured{"http://file:1", {}, "named"};
    auto found = settings_of({}, configured);
    REQUIRE(found);
    CHECK((*found)->where.host == "file");
    found = settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://variable:2"}}, configured);
    REQUIRE(found);
    CHECK((*found)->where.host == "variable");
}

TEST_CASE("headers are decoded, and known as secrets from then on") {
    auto found = settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"},
                              {"OTEL_EXPORTER_OTLP_HEADERS", "a=Bearer%20secretOfTheTest, b=2"}});
    REQUIRE(found);
    REQUIRE((*found)->headers.size() == 2);
    CHECK((*found)->headers[0].second == "Bearer secretOfTheTest");
    CHECK((*found)->headers[1].first == "b");
    CHECK(without_secrets("it is secretOfTheTest") == "it is ****");
}

TEST_CASE("what cannot be an endpoint is refused without its password") {
    for (const auto* url : {"collector:4318", "http://", "http://c:0", "http://c:70000", "http://c:x",
                            "http://u:hiddenWord@c", "http://c/a b"}) {
        auto found = settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", url}});
        CHECK_FALSE(found);
        if (!found)
            CHECK(found.error().message.find("hiddenWord") == std::string::npos);
    }
    CHECK_FALSE(
        settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}));
    CHECK_FALSE(
        settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_EXPORTER_OTLP_HEADERS", "word"}}));
    CHECK_FALSE(
        settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_EXPORTER_OTLP_TIMEOUT", "1s"}}));
}
