// SPDX-License-Identifier: MIT
#include "system/python/backends/cache_use.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;
using namespace gestvenv::python;

TEST_CASE("what uv had to prepare was not in its cache") {
    auto use = cache_use_of(backend::uv,
                            {0, {}, "Resolved 5 packages in 3ms\nPrepared 2 packages in 41ms\n", {}}, 5);
    REQUIRE(use);
    CHECK(use->misses == 2);
    CHECK(use->hits == 3);
    use = cache_use_of(backend::uv, {0, {}, "Installed 5 packages in 3ms\n", {}}, 5);
    REQUIRE(use);
    CHECK(use->misses == 0);
    CHECK(use->hits == 5);
}

TEST_CASE("pip names each package that it downloads or has in its cache") {
    const auto* output = "Collecting six\n  Using cached six-1.16.0-py2.py3-none-any.whl (11 kB)\n"
                         "  Downloading idna-3.4-py3-none-any.whl.metadata (1 kB)\n"
                         "Downloading idna-3.4-py3-none-any.whl (61 kB)\n";
    auto use = cache_use_of(backend::pip, {0, output, {}, {}}, 2);
    REQUIRE(use);
    CHECK(use->hits == 1);
    CHECK(use->misses == 1);
}

TEST_CASE("what a tool does not say is not guessed") {
    CHECK_FALSE(cache_use_of(backend::pdm, {}, 3));
    CHECK_FALSE(cache_use_of(backend::poetry, {}, 3));
}
