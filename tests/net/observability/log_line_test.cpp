// SPDX-License-Identifier: MIT
#include "net/observability/log_line.hpp"

#include <catch2/catch_test_macros.hpp>

#include <nlohmann/json.hpp>

#include <string>

using namespace gestvenv;

namespace {

log_line sample() {
    log_line line;
    line.level = log_level::warning;
    line.at = std::chrono::system_clock::time_point{std::chrono::seconds{1'700'000'000}};
    line.message = "install failed: https://user:pass@host/ does not answer";
    line.trace = "0af7651916cd43dd8448eb211c80319c";
    line.environment_name = "a";
    line.fields = {{"duration_ms", "1.5"}, {"note", "two words"}};
    return line;
}

} // namespace

TEST_CASE("a line as text has time, level, message and fields, and no secret") {
    CHECK(write_line(sample(), log_format::text) ==
          "2023-11-14T22:13:20.000000Z warning install failed: https://****@host/ does not answer "
          "environment=a "
          "trace_id=0af7651916cd43dd8448eb211c80319c duration_ms=1.5 note=\"two words\"");
}

TEST_CASE("a line as JSON is an object with the same") {
    auto value = nlohmann::json::parse(write_line(sample(), log_format::json));
    CHECK(value["level"] == "warning");
    CHECK(value["message"] == "install failed: https://****@host/ does not answer");
    CHECK(value["trace_id"] == "0af7651916cd43dd8448eb211c80319c");
    CHECK(value["note"] == "two words");
    CHECK_FALSE(value.contains("operation"));
}

TEST_CASE("no text makes a second line or controls a terminal") {
    auto line = sample();
    line.message = "first\nsecond \x1b[31m\xff";
    line.fields = {{"x", "a\nb"}};
    auto text = write_line(line, log_format::text);
    CHECK(text.find('\n') == std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(nlohmann::json::accept(write_line(line, log_format::json)));
    line.message.assign(1'000'000, 'x');
    CHECK(write_line(line, log_format::text).size() < 2 * longest_line);
}
