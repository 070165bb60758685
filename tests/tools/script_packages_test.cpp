// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/script_packages.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;
using namespace gestvenv::cli;

using texts = std::vector<std::string>;
using variables = std::map<std::string, std::string>;

namespace {

bool is_missing(const std::string& dependency, const std::string& version) {
    return !missing_dependencies({dependency}, {{"demo", version}}).empty();
}

declared_script script_with_sources() {
    declared_script script;
    script.name = "a.py";
    script.folder = "/scripts";
    script.metadata.dependencies = {"rich"};
    script.metadata.sources.default_index = "one=https://one/simple?a=b";
    script.metadata.sources.indexes = {"https://two/simple", "three=https://three/simple"};
    script.metadata.sources.find_links = {"wheels", "https://links/"};
    return script;
}

} // namespace

TEST_CASE("a dependency is missing where it is not installed, or in a version that it does not take") {
    CHECK(missing_dependencies({"Some.Name>=1", "other", "demo"}, {{"some-name", "1.2"}, {"demo", "1"}}) ==
          texts{"other"});
    CHECK_FALSE(is_missing("demo", "1.2"));
    CHECK_FALSE(is_missing("demo>=1.2", "1.2.0"));
    CHECK(is_missing("demo>=1.2.1", "1.2"));
    CHECK(is_missing("demo>=1,<1.2", "1.2"));
    CHECK_FALSE(is_missing("demo==1.2", "1.2.0"));
    CHECK_FALSE(is_missing("demo==1.2.*", "1.2.7"));
    CHECK(is_missing("demo==1.2.*", "1.20"));
    CHECK(is_missing("demo!=1.2.*", "1.2.7"));
    CHECK_FALSE(is_missing("demo~=1.4.2", "1.4.9"));
    CHECK(is_missing("demo~=1.4.2", "1.5"));
    CHECK(is_missing("demo~=1.4.2", "1.4.1"));
    CHECK(is_missing("demo>1.2", "1.2"));
    CHECK_FALSE(is_missing("demo==1.2", "1.2+cpu"));
    CHECK(is_missing("demo===1.2", "1.2.0"));
    // An installer alone decides these.
    CHECK_FALSE(is_missing("demo>=2", "2rc1"));
    CHECK_FALSE(is_missing("absent; sys_platform == 'win32'", "1"));
}

TEST_CASE("what a script says of its sources reaches uv and pip, with paths from its folder") {
    const auto all = variables_with_sources(script_with_sources(), {{"PATH", "/bin"}});
    CHECK(all == variables{{"PATH", "/bin"},
                           {"UV_DEFAULT_INDEX", "one=https://one/simple?a=b"},
                           {"PIP_INDEX_URL", "https://one/simple?a=b"},
                           {"UV_INDEX", "https://two/simple three=https://three/simple"},
                           {"PIP_EXTRA_INDEX_URL", "https://two/simple https://three/simple"},
                           {"UV_FIND_LINKS", "/scripts/wheels,https://links/"},
                           {"PIP_FIND_LINKS", "/scripts/wheels https://links/"}});
}

TEST_CASE("an index of the caller's variables comes before a script's") {
    auto all = variables_with_sources(script_with_sources(), {{"UV_INDEX_URL", "https://own"}});
    CHECK(all["UV_INDEX_URL"] == "https://own");
    CHECK_FALSE(all.contains("UV_DEFAULT_INDEX"));
    CHECK_FALSE(all.contains("PIP_INDEX_URL"));
    // pip's counts for uv too, which would not look at it any more where it has an index of its own.
    all = variables_with_sources(script_with_sources(), {{"PIP_INDEX_URL", "https://own"}});
    CHECK(all["PIP_INDEX_URL"] == "https://own");
    CHECK(all["UV_DEFAULT_INDEX"] == "https://own");
}

TEST_CASE("lists of a script's sources stand behind those of the caller's variables") {
    auto all = variables_with_sources(script_with_sources(), {{"UV_INDEX", "own=https://own"},
                                                              {"PIP_EXTRA_INDEX_URL", "https://pip"},
                                                              {"PIP_FIND_LINKS", "https://a https://b"}});
    CHECK(all["UV_INDEX"] == "own=https://own https://two/simple three=https://three/simple");
    CHECK(all["PIP_EXTRA_INDEX_URL"] == "https://pip https://two/simple https://three/simple");
    CHECK(all["PIP_FIND_LINKS"] == "https://a https://b /scripts/wheels https://links/");
    CHECK(all["UV_FIND_LINKS"] == "https://a,https://b,/scripts/wheels,https://links/");
}

TEST_CASE("a backend that cannot follow a script's sources refuses it") {
    environment_spec spec;
    spec.packages = {"first"};
    CHECK(add_packages(spec, script_with_sources(), backend::uv));
    CHECK(spec.packages == texts{"first", "rich"});
    REQUIRE(spec.install_context);
    CHECK(spec.install_context->variables.contains("UV_INDEX"));
    CHECK_FALSE(add_packages(spec, script_with_sources(), backend::poetry));
    spec.package_backend = backend::pip;
    CHECK(add_packages(spec, script_with_sources(), backend::uv));
    auto newer = script_with_sources();
    newer.metadata.sources.exclude_newer = "2026-01-01";
    CHECK_FALSE(add_packages(spec, newer, backend::uv));
    environment_spec plain;
    auto without = script_with_sources();
    without.metadata.sources = {};
    CHECK(add_packages(plain, without, backend::poetry));
    CHECK_FALSE(plain.install_context);
}
