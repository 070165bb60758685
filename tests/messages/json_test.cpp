// SPDX-License-Identifier: MIT
#include "messages/json.hpp"

#include <gestvenv/environment_spec.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

struct part {
    std::int64_t number = 7;
    friend bool operator==(const part&, const part&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, part& x) {
    return f.object(x).fields(f.field("number", x.number));
}

struct sample {
    bool flag = false;
    std::int64_t smallest = 0;
    std::uint64_t largest = 0;
    std::uint8_t tiny = 0;
    double ratio = 0;
    std::string text;
    std::optional<std::string> maybe;
    std::vector<part> parts;
    std::vector<bool> flags;
    std::map<std::string, std::vector<int>> table;
    std::chrono::seconds whole{};
    std::chrono::microseconds fine{};
    std::chrono::duration<double> exact{};
    std::chrono::hours coarse{};
    std::chrono::system_clock::time_point when;
    backend tool = backend::uv;
    part inner;
    std::filesystem::path place;
    friend bool operator==(const sample&, const sample&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, sample& x) {
    auto get = [&x] { return x.text; };
    auto set = [&x](std::string value) {
        if (value == "forbidden")
            return false;
        x.text = std::move(value);
        return true;
    };
    return f.object(x).fields(f.field("flag", x.flag), f.field("smallest", x.smallest),
                              f.field("largest", x.largest), f.field("tiny", x.tiny),
                              f.field("ratio", x.ratio), f.field("text", get, set), f.field("maybe", x.maybe),
                              f.field("parts", x.parts), f.field("flags", x.flags), f.field("table", x.table),
                              f.field("whole", x.whole), f.field("fine", x.fine), f.field("exact", x.exact),
                              f.field("coarse", x.coarse), f.field("when", x.when), f.field("tool", x.tool),
                              f.field("inner", x.inner), path_field(f, "place", x.place));
}

sample full_sample() {
    sample value;
    value.flag = true;
    value.smallest = std::numeric_limits<std::int64_t>::min();
    value.largest = std::numeric_limits<std::uint64_t>::max();
    value.tiny = 255;
    value.ratio = 0.1;
    value.text = "line\n\"quoted\" \xE2\x82\xAC";
    value.maybe = "";
    value.parts = {{1}, {-2}};
    value.flags = {true, false};
    value.table = {{"a.b", {1, 2}}, {"", {}}};
    value.whole = 600s;
    value.fine = 1us;
    value.exact = std::chrono::duration<double>{0.3};
    value.coarse = 2h;
    value.when = std::chrono::system_clock::time_point{1740832496s};
    value.tool = backend::poetry;
    value.inner = {99};
    value.place = "/tmp/x";
    return value;
}

/// The message with which `text` is refused as a T; empty when it is read.
template <class T>
std::string refusal(std::string_view text) {
    auto value = from_json_value<T>(*parse_json(text));
    return value ? std::string{} : value.error().message;
}

} // namespace

TEST_CASE("a value with every kind of field reads back from its own JSON text") {
    auto value = full_sample();
    auto text = to_json_value(value).dump();
    auto back = from_json_value<sample>(*parse_json(text));
    REQUIRE(back);
    CHECK(*back == value);
    CHECK(*from_json_value<sample>(to_json_value(sample{})) == sample{});
}

TEST_CASE("a value keeps its shape in JSON: names, units and spellings") {
    auto json = to_json_value(full_sample());
    CHECK(json["whole"] == 600);
    CHECK(json["fine"] == 1e-6);
    CHECK(json["coarse"] == 7200);
    CHECK(json["when"] == "2025-03-01T12:34:56.000000Z");
    CHECK(json["tool"] == "poetry");
    CHECK(json["inner"]["number"] == 99);
    CHECK(to_json_value(sample{})["maybe"].is_null());
    environment_spec spec;
    spec.resource_limits.max_memory = 512;
    spec.isolation = isolation_level::namespace_;
    auto written = to_json_value(spec);
    CHECK(written["resource_limits"]["max_memory"] == 512);
    CHECK(written["isolation_level"] == "namespace");
}

TEST_CASE("no limit of time is written as a word and read back") {
    environment_spec spec;
    spec.ttl = unlimited;
    auto json = to_json_value(spec);
    CHECK(json["ttl"] == "unlimited");
    CHECK(from_json_value<environment_spec>(json)->ttl == unlimited);
}

TEST_CASE("bytes that are not UTF-8 survive in values, paths and keys") {
    sample value;
    value.text = "a\xFF\xC3";
    value.place = "/tmp/\xE9t\xE9";
    value.table = {{"\xFF", {1}}, {"plain", {2}}};
    auto json = to_json_value(value);
    CHECK(json["text"]["base64"] == "Yf/D");
    auto back = from_json_value<sample>(*parse_json(json.dump()));
    REQUIRE(back);
    CHECK(*back == value);
}

TEST_CASE("for people, bytes that are not UTF-8 become replacement characters") {
    sample value;
    value.text = "a\xFF";
    auto json = to_json_value(value, text_policy::replace);
    CHECK(json["text"] == "a\xEF\xBF\xBD");
    CHECK_NOTHROW(json.dump());
}

TEST_CASE("a double that is no number is written as a word and read back") {
    CHECK(to_json_value(std::numeric_limits<double>::infinity()) == "Infinity");
    CHECK(*from_json_value<double>("-Infinity") < 0);
    CHECK(std::isnan(*from_json_value<double>(to_json_value(std::nan("")))));
    CHECK(*from_json_value<double>(3) == 3.0);
}

TEST_CASE("a missing key keeps the default and null empties an optional") {
    auto value = from_json_value<sample>(*parse_json(R"({"maybe": null, "inner": {}})"));
    REQUIRE(value);
    CHECK(*value == sample{});
    CHECK(value->inner.number == 7);
}

TEST_CASE("an unknown key is refused with its place and with what is known there") {
    auto value = from_json_value<sample>(*parse_json(R"({"inner": {"numbr": 1}})"));
    REQUIRE_FALSE(value);
    CHECK(value.error().code == error_code::invalid_argument);
    CHECK(value.error().message == "inner.numbr is not a known key");
    CHECK(value.error().hint == "known here: number");
}

TEST_CASE("a value of another type is refused with its place") {
    CHECK(refusal<sample>(R"({"flag": 1})") == "flag must be true or false, and is a number");
    CHECK(refusal<sample>(R"({"parts": [{}, {"number": "x"}]})") ==
          "parts[1].number must be an integer, and is a string");
    CHECK(refusal<sample>(R"({"table": {"k": [1, 2.5]}})") ==
          "table.k[1] must be an integer, and is a number with a fraction");
    CHECK(refusal<sample>(R"({"tool": "conda"})") == "tool must be one of uv, pip, pdm, poetry, auto");
    CHECK(refusal<sample>(R"({"tool": 3})") == "tool must be one of uv, pip, pdm, poetry, auto");
    CHECK(refusal<sample>(R"({"text": null})") == "text must be a string, and is null");
    CHECK(refusal<sample>(R"({"text": {"base64": "!"}})") == "text must be a string, or hold one as base64");
    CHECK(refusal<sample>(R"({"when": "yesterday"})") ==
          "when must be a time like \"2025-03-01T12:34:56.000789Z\"");
    CHECK(refusal<sample>("[]") == "the value must be an object, and is an array");
    CHECK(refusal<sample>(R"({"parts": {}})") == "parts must be an array, and is an object");
    CHECK(refusal<sample>(R"({"table": [["a"]]})") == "table[0] must be a pair of key and value");
    CHECK(refusal<sample>(R"({"table": []})") == "table must be an object, and is an array");
    CHECK(refusal<sample>(R"({"table": [["a", []]]})") == "table must be an object, and is an array");
}

TEST_CASE("a number without a fraction is an integer however it is written") {
    auto value = from_json_value<sample>(*parse_json(R"({"smallest": -2.0, "tiny": 2.55e2, "whole": 6e2})"));
    REQUIRE(value);
    CHECK(value->smallest == -2);
    CHECK(value->tiny == 255);
    CHECK(value->whole == 600s);
    CHECK(refusal<sample>(R"({"tiny": 256.0})") == "tiny must be from 0 to 255");
    // 2^53 + 1, which a double would round.
    CHECK(*from_json_value<std::int64_t>(*parse_json("9007199254740993")) == 9007199254740993);
    CHECK(refusal<std::int64_t>("-9223372036854775809") ==
          "the value must be an integer, and is a number with a fraction");
}

TEST_CASE("a setter that refuses makes an error that names the field") {
    CHECK(refusal<sample>(R"({"text": "forbidden"})") == "text is not acceptable");
}

TEST_CASE("a number outside its type is refused, never wrapped") {
    CHECK(refusal<sample>(R"({"tiny": 256})") == "tiny must be from 0 to 255");
    CHECK(refusal<sample>(R"({"tiny": -1})") == "tiny must be from 0 to 255");
    CHECK(refusal<sample>(R"({"smallest": 9223372036854775808})") ==
          "smallest must be from -9223372036854775808 to 9223372036854775807");
    CHECK(refusal<sample>(R"({"largest": 18446744073709551616})") ==
          "largest must be an integer, and is a number with a fraction");
    CHECK(refusal<sample>(R"({"fine": 1e300})") == "fine is too large");
    CHECK(refusal<sample>(R"({"whole": 1.5})") ==
          "whole must be a whole number of seconds, or \"unlimited\"");
    CHECK(refusal<sample>(R"({"coarse": 90})") == "coarse must be a multiple of 3600 seconds");
}

TEST_CASE("an error never quotes the value, which may be a secret") {
    for (auto text : {R"({"tool": "hunter2"})", R"({"flag": "hunter2"})", R"({"when": "hunter2"})",
                      R"({"text": {"base64": "hunter2"}})", R"({"whole": "hunter2"})"}) {
        auto value = from_json_value<sample>(*parse_json(text));
        REQUIRE_FALSE(value);
        CHECK(render(value.error()).find("hunter2") == std::string::npos);
    }
    CHECK(parse_json("{\"a\": hunter2}").error().message == "this is not JSON, from byte 7 on");
}

TEST_CASE("what no JSON document can be is an error, never an exception") {
    auto message = [](std::string_view text) {
        auto document = parse_json(text);
        REQUIRE_FALSE(document);
        CHECK(document.error().code == error_code::invalid_argument);
        return document.error().message;
    };
    for (const auto* number : {"6e1111", "-6e1111", "1e309", "[0, 1e999]", R"({"a": 1e400})"})
        CHECK(message(number) == "this JSON has a number that is too large");
    CHECK_FALSE(parse_json("1e400").error().hint.empty());
    CHECK(*parse_json("1e-400") == 0.0); // too small is zero, as with every reader of doubles
    for (std::string_view text :
         {"", " ", "{", "[1,]", "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", R"("\ud800")", R"("\udc00x")",
          "01", "+1", "1.", "NaN", "// a\n1", "1 2", "\"a\nb\"", "\xff", "[1]]", "nul"})
        CHECK(message(text).starts_with("this is not JSON, from byte "));
    CHECK(message(std::string_view{"1\0", 2}).starts_with("this is not JSON"));
}

TEST_CASE("JSON deeper or larger than any of ours is refused before it is read") {
    auto nested = [](std::size_t depth, std::string_view open, std::string_view close) {
        std::string text;
        for (std::size_t level = 0; level < depth; ++level)
            text += open;
        text += "0";
        for (std::size_t level = 0; level < depth; ++level)
            text += close;
        return text;
    };
    CHECK(parse_json(nested(deepest_json, "[", "]")));
    CHECK(parse_json(nested(deepest_json + 1, "[", "]")).error().message ==
          "this JSON has more than 100 levels of brackets");
    CHECK(parse_json(nested(deepest_json + 1, "{\"a\":", "}")).error().message ==
          "this JSON has more than 100 levels of brackets");
    CHECK_FALSE(parse_json(nested(1'000'000, "[", "]")));
    // Brackets in texts have no depth, nor have those beside each other.
    CHECK(parse_json('"' + nested(1000, R"(\"[)", "]") + '"'));
    std::string beside = "[0";
    for (int count = 0; count < 1000; ++count)
        beside += ",[]";
    CHECK(parse_json(beside + "]"));
    auto large = parse_json(std::string(largest_json + 1, ' '));
    REQUIRE_FALSE(large);
    CHECK(large.error().message == "this JSON has more than 64 MiB");
}

TEST_CASE("a number that a smaller floating-point type does not hold is refused") {
    CHECK(from_json_value<float>(*parse_json("1e300")).error().message == "the value is too large");
    CHECK(from_json_value<float>(*parse_json("-1e39")).error().message == "the value is too large");
    CHECK(*from_json_value<float>(*parse_json("1.5")) == 1.5F);
    CHECK(std::isinf(*from_json_value<float>("Infinity")));
}

TEST_CASE("a key of the document is quoted in an error so that it stays short and moves no cursor") {
    CHECK(refusal<sample>(R"({"a\u001b[2J": 1})") == R"(`a\x1b[2J` is not a known key)");
    CHECK(refusal<sample>(R"({"inner": {"a b": 1}})") == "inner.`a b` is not a known key");
    CHECK(refusal<sample>("{\"" + std::string(100'000, 'x') + "\": 1}").size() < 200);
}
