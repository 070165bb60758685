// SPDX-License-Identifier: MIT
// Which route a request finds.
#include "net/rest/router.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <span>
#include <string_view>
#include <vector>

using namespace gestvenv::rest;

namespace {

constexpr std::array files{
    route{.method = "GET", .path = "/page/{file}", .operation_id = "file"},
    route{.method = "DELETE", .path = "/page/{file}", .operation_id = "removal"},
    route{.method = "POST", .path = "/page/activity", .operation_id = "activity"},
};
constexpr std::array<std::span<const route>, 1> pages{files};

} // namespace

TEST_CASE("a part of a path in braces stands for any one part") {
    const router routes{pages};
    const auto match = routes.find("GET", {"page", "index.js"});
    REQUIRE(match.found != nullptr);
    CHECK(match.found->operation_id == "file");
    CHECK(match.parameters.at("file") == "index.js");
    CHECK(routes.find("GET", {"page"}).found == nullptr);
    CHECK(routes.find("GET", {"page", "index.js", "more"}).found == nullptr);
    CHECK(routes.find("HEAD", {"page", "index.js"}).found == match.found);
}

TEST_CASE("a path that is written out wins, and has its own methods alone") {
    const router routes{pages};
    REQUIRE(routes.find("POST", {"page", "activity"}).found != nullptr);
    CHECK(routes.find("POST", {"page", "activity"}).found->operation_id == "activity");
    const auto match = routes.find("GET", {"page", "activity"});
    CHECK(match.found == nullptr);
    CHECK(match.other_methods == std::vector<std::string_view>{"POST"});
    CHECK(routes.find("POST", {"page", "index.js"}).other_methods ==
          std::vector<std::string_view>{"GET", "DELETE"});
}
