// SPDX-License-Identifier: MIT
#include "tests/tools/parsing.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;
using namespace gestvenv::test;

using format = cli::config_request::output_format;

TEST_CASE("each command below config is told apart, with its operands and options") {
    auto show = parsed_config({"config", "show"});
    CHECK(command_of({"config", "show"}) == "show");
    CHECK(show.format == format::toml);
    CHECK(!show.with_origin);
    auto json = parsed_config({"config", "show", "--origin", "--format", "json"});
    CHECK(json.with_origin);
    CHECK(json.format == format::json);
    CHECK(command_of({"config", "path"}) == "path");
    auto set = parsed_config({"config", "set", "default_ttl", "10m"});
    CHECK(command_of({"config", "set", "default_ttl", "10m"}) == "set");
    CHECK(set.key == "default_ttl");
    CHECK(set.value == "10m");
    CHECK(parsed_config({"config", "set", "--", "pool_size", "-1"}).value == "-1");
    auto get = parsed_config({"config", "get", "default_ttl"});
    CHECK(command_of({"config", "get", "default_ttl"}) == "get");
    CHECK(get.key == "default_ttl");
    auto reset = parsed_config({"config", "reset", "default_ttl"});
    CHECK(command_of({"config", "reset", "default_ttl"}) == "reset");
    CHECK(reset.key == "default_ttl");
    CHECK(parsed_config({"config", "reset"}).key.empty());
}

TEST_CASE("the program's own options stand anywhere around config") {
    CHECK(parsed_config({"--config", "f", "config", "show"}).global.configuration_file == "f");
    CHECK(parsed_config({"config", "--config", "f", "show"}).global.configuration_file == "f");
    CHECK(parsed_config({"config", "set", "pool_size", "--config=f", "1", "-v"}).global.configuration_file ==
          "f");
    CHECK(parsed_config({"config", "set", "pool_size", "1", "-v"}).global.verbose);
}

TEST_CASE("what config cannot do is refused with a hint") {
    CHECK(refused({"config", "shwo"}).hint == "did you mean show?");
    CHECK(refused({"config", "frobnicate"}).message == "gestvenv config has no command `frobnicate`");
    CHECK(refused({"config", "show", "extra"}).message == "gestvenv config show takes no operand");
    CHECK(refused({"config", "path", "extra"}).message == "gestvenv config path takes no operand");
    CHECK(refused({"config", "set", "default_ttl"}).message == "gestvenv config set takes a key and a value");
    CHECK(refused({"config", "set", "a", "b", "c"}).message == "gestvenv config set takes a key and a value");
    CHECK(refused({"config", "get"}).message == "gestvenv config get takes one key");
    CHECK(refused({"config", "get", "default_tll"}).hint == "did you mean default_ttl?");
    CHECK(refused({"config", "reset", "a", "b"}).message == "gestvenv config reset takes one key, or none");
    CHECK(refused({"config", "set", "default_tll", "5"}).hint == "did you mean default_ttl?");
    CHECK(refused({"config", "reset", "storage"}).hint == "did you mean storage_backend?");
    CHECK(refused({"config", "show", "--format", "xml"}).hint == "choose one of: toml, json");
    CHECK(refused({"config", "show", "--orign"}).hint == "did you mean --origin?");
    CHECK(refused({"config", "--origin", "show"}).hint == "gestvenv config show --origin");
    CHECK(refused({"--origin", "config", "show"}).hint == "gestvenv config show --origin");
    CHECK(refused({"config", "--", "show"}).message.find("`--` stands") == 0);
}
