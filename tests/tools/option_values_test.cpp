// SPDX-License-Identifier: MIT
#include "tools/gestvenv/options/option_values.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;
using namespace gestvenv::cli;

using words = std::vector<std::string>;

TEST_CASE("packages are separated by the commas that are not part of one") {
    CHECK(split_packages("a") == words{"a"});
    CHECK(split_packages("a,b") == words{"a", "b"});
    CHECK(split_packages("a, b") == words{"a", " b"});
    CHECK(split_packages("a[x,y],b") == words{"a[x,y]", "b"});
    CHECK(split_packages("a>=1,<2,b") == words{"a>=1,<2", "b"});
    CHECK(split_packages("a>=1, !=1.5,b") == words{"a>=1, !=1.5", "b"});
    CHECK(split_packages("a (>=1,<2),b") == words{"a (>=1,<2)", "b"});
    CHECK(split_packages("a; python_version in '3.8,3.9',b") == words{"a; python_version in '3.8,3.9'", "b"});
    CHECK(split_packages("a; os_name == \"x,y\",b") == words{"a; os_name == \"x,y\"", "b"});
    CHECK(split_packages(",a") == words{"", "a"});
    CHECK(split_packages("a,") == words{"a", ""});
    CHECK(split_packages("a]],b") == words{"a]]", "b"});
}

TEST_CASE("a timeout may have a fraction and is never rounded down to none") {
    CHECK(parse_timeout("--timeout", "90") == std::chrono::milliseconds{90'000});
    CHECK(parse_timeout("--timeout", "0.25") == std::chrono::milliseconds{250});
    CHECK(parse_timeout("--timeout", "0.0000001") == std::chrono::milliseconds{1});
    CHECK(parse_timeout("--timeout", "1e2") == std::chrono::milliseconds{100'000});
    CHECK(parse_timeout("--timeout", "10m") == std::chrono::milliseconds{600'000});
    CHECK(parse_timeout("--timeout", "1ms") == std::chrono::milliseconds{1});
}

TEST_CASE("a lifetime is whole seconds or unlimited") {
    CHECK(parse_lifetime("--ttl", "1") == std::chrono::seconds{1});
    CHECK(parse_lifetime("--ttl", "1.5h") == std::chrono::seconds{5400});
    CHECK(parse_lifetime("--ttl", "unlimited") == unlimited);
    CHECK(!parse_lifetime("--ttl", "9223372036854775807"));
}

TEST_CASE("sizes are whole megabytes or bytes, with or without a unit") {
    CHECK(parse_megabytes("--max-disk", "512") == megabytes{512});
    CHECK(parse_megabytes("--max-disk", "1.5G") == megabytes{1536});
    CHECK(parse_megabytes("--max-disk", "1048576B") == megabytes{1});
    CHECK(!parse_megabytes("--max-disk", "1.5"));
    CHECK(parse_bytes("--output-limit", "0") == 0);
    CHECK(parse_bytes("--output-limit", "1.5K") == 1536);
    CHECK(!parse_bytes("--output-limit", "many"));
}
