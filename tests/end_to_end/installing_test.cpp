// Real packages from the configured index. Skipped only where no index answers at all.
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/traces.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <unistd.h>

using namespace gestvenv::test;

TEST_CASE("the first example: an environment with requests prints its version") {
    const std::string backend = GENERATE("uv", "pip");
    CAPTURE(backend);
    scene place;
    auto result = place.gestvenv(
        {"run", "--backend", backend, "--packages", "requests", "--", "sh", "-c",
         "python -c 'import requests; print(requests.__version__)'; echo $VIRTUAL_ENV_PROMPT"});
    if (result.status == 125)
        needs_index(result);
    CHECK(result.status == 0);
    CHECK(result.err.empty());
    auto lines = lines_of(result.out);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].find_first_not_of("0123456789.") == std::string::npos);
    check_nothing_left(id_in(lines[1]), ::geteuid());
}

TEST_CASE("a requirements file of the caller's folder is installed, the scripts of packages are found") {
    scene place;
    place.write("requirements.txt", "# a comment\niniconfig==2.0.0\n");
    auto result = place.gestvenv({"run", "--requirements", "requirements.txt", "python", "-c",
                                  "from importlib.metadata import version; print(version('iniconfig'))"});
    if (result.status == 125)
        needs_index(result);
    CHECK(result.out == "2.0.0\n");
}

TEST_CASE("a package that does not exist is a failure of ours, in the installer's own words") {
    scene place;
    auto result = place.gestvenv({"run", "--packages", "gestvenv-no-such-package-0", "true"});
    CHECK(result.status == 125);
    CHECK(result.out.empty());
    CHECK(result.err.rfind("error: ", 0) == 0);
    if (result.err.find("gestvenv-no-such-package-0") == std::string::npos)
        needs_index(result);
    CHECK(result.err.find('\x1b') == std::string::npos);
}

TEST_CASE("packages that do not fit into the storage say that it is full") {
    scene place;
    auto result = place.gestvenv({"run", "--max-disk", "1", "--packages", "requests", "true"});
    CHECK(result.status == 125);
    auto says = [&](const char* words) { return result.err.find(words) != std::string::npos; };
    if (!says("full") && !says("space"))
        needs_index(result);
    CHECK(says("hint: "));
}

TEST_CASE("an index that does not answer is a failure of ours") {
    scene place;
    place.where().variables["UV_DEFAULT_INDEX"] =
        "http://127.0.0.1:9/simple"; // nothing listens at port discard
    place.where().variables["UV_INDEX_URL"] = "http://127.0.0.1:9/simple";
    place.where().variables["UV_HTTP_RETRIES"] = "0";
    auto result = place.gestvenv({"run", "--packages", "gestvenv-no-such-package-1", "true"});
    CHECK(result.status == 125);
    CHECK(result.err.rfind("error: ", 0) == 0);
}
