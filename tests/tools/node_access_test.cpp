// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node/node_access.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace gestvenv;
using namespace gestvenv::cli;

namespace {

client_options good(const std::string& text) {
    auto options = parse_node_address(text);
    if (!options)
        FAIL(render(options.error()));
    return *options;
}

} // namespace

TEST_CASE("a node is at the path of a socket, or at a host and a port") {
    CHECK(good("/run/user/1000/gestvenv/node.sock").socket == "/run/user/1000/gestvenv/node.sock");
    CHECK(good("unix:/tmp/../tmp/node.sock").socket == "/tmp/node.sock");
    CHECK(good("./node.sock").socket.ends_with("/node.sock"));
    const auto far = good("https://build.example:8443/");
    CHECK(far.socket.empty());
    CHECK(far.host == "build.example");
    CHECK(far.port == 8443);
    CHECK(far.encrypted);
    const auto near = good("http://[::1]:8080");
    CHECK(near.host == "::1");
    CHECK_FALSE(near.encrypted);
}

TEST_CASE("an address that is none is refused, and so is one where others could read the token") {
    for (const char* text :
         {"node", "ftp://host:1", "https://host", "https://host:0", "https://host:70000", "https://:1",
          "https://user@host:1", "https://host:1/path", "http://build.example:8080", ""}) {
        INFO(text);
        auto refused = parse_node_address(text);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == error_code::invalid_argument);
        CHECK_FALSE(refused.error().hint.empty());
    }
}
