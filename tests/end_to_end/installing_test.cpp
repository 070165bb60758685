// SPDX-License-Identifier: MIT
// Real packages from the configured index. Skipped only where no index answers at all.
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/traces.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

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

TEST_CASE("several requirements files and packages are installed together, as one set") {
    scene place;
    place.write("first.txt", "iniconfig>=2.0\n");
    place.write("second.txt", "iniconfig<2.1\nsix\n");
    for (const char* backend : {"uv", "pip"}) {
        INFO(backend);
        auto result = place.gestvenv(
            {"run", "--backend", backend, "--requirements", "first.txt", "--requirements=second.txt",
             "--packages", "iniconfig!=2.0.1", "--packages", "pluggy", "python", "-c",
             "import six, pluggy; from importlib.metadata import version; print(version('iniconfig'))"});
        if (result.status == 125)
            needs_index(result);
        CHECK(result.out == "2.0.0\n");
    }
}

TEST_CASE("a requirements file on a web server is fetched by uv and pip, and refused by pdm and poetry") {
    scene place;
    std::filesystem::create_directory(place.folder() / "served");
    place.write("served/requirements.txt", "iniconfig==2.0.0\n");
    for (const char* backend : {"uv", "pip", "pdm", "poetry"}) {
        INFO(backend);
        auto result =
            place.shell(std::string{"python3 -u -m http.server --bind 127.0.0.1 --directory served 0 "
                                    ">log 2>&1 & server=$!\n"
                                    "until grep -qs 'port [0-9]' log; do sleep 0.05; done\n"
                                    "port=$(sed 's/.* port \\([0-9]*\\).*/\\1/; q' log)\n"
                                    "\"$GESTVENV\" run --backend "} +
                        backend +
                        " --requirements http://127.0.0.1:$port/requirements.txt "
                        "python -c 'import iniconfig; print(iniconfig.__name__)'\n"
                        "status=$?; kill $server; exit $status");
        if (backend[0] == 'u' || backend == std::string_view{"pip"}) {
            if (result.status == 125)
                needs_index(result);
            CHECK(result.out == "iniconfig\n");
        } else {
            CHECK(result.status == 125);
            CHECK(result.err.find("--backend uv or pip") != std::string::npos);
        }
    }
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

namespace {

// A project with a build backend of its own, which needs no index; its module holds a variable of the build.
void write_project(scene& place) {
    place.write("pyproject.toml",
                "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n"
                "[project]\nname = \"built\"\nversion = \"1\"\n");
    place.write("backend.py", R"(
import os, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "built-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("built.py", "seen = %r\n" % os.environ.get("SEEN_BY_BUILD"))
        wheel.writestr("built-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: built\nVersion: 1\n")
        wheel.writestr("built-1.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("built-1.dist-info/RECORD", "")
    return name

build_editable = build_wheel
)");
}

} // namespace

TEST_CASE("a build gets the variables of --build-env and no others of the caller's") {
    const std::string backend = GENERATE("uv", "pip");
    CAPTURE(backend);
    scene place;
    write_project(place);
    place.where().variables["SEEN_BY_BUILD"] = "the caller's";
    auto seen = [&](std::vector<std::string> options) {
        std::vector<std::string> words{"run", "--backend", backend, "--project", "."};
        words.insert(words.end(), options.begin(), options.end());
        words.insert(words.end(), {"--", "python", "-c", "import built; print(built.seen)"});
        auto result = place.gestvenv(words);
        CAPTURE(result.err);
        CHECK(result.status == 0);
        return result.out;
    };
    CHECK(seen({}) == "None\n");
    CHECK(seen({"--build-env", "SEEN_BY_BUILD"}) == "the caller's\n");
    CHECK(seen({"--build-env", "SEEN_BY_BUILD=another"}) == "another\n");
    auto refused = place.gestvenv({"run", "--build-env", "NOT_SET_HERE", "--", "true"});
    CHECK(refused.status == 2);
    CHECK(refused.err.find("NOT_SET_HERE") != std::string::npos);
    refused = place.gestvenv(
        {"run", "--backend", backend, "--project", ".", "--build-env", "PIP_TARGET=/x", "--", "true"});
    CHECK(refused.status != 0);
    CHECK(refused.err.find("PIP_TARGET") != std::string::npos);
}

TEST_CASE("paths in a requirements file count from the caller's folder, and so do editables") {
    const std::string backend = GENERATE("uv", "pip");
    CAPTURE(backend);
    scene place;
    write_project(place);
    const std::string line = GENERATE("-e .", ".");
    CAPTURE(line);
    place.write("requirements.txt", line + "\n");
    auto result = place.gestvenv({"run", "--backend", backend, "--requirements", "requirements.txt", "--",
                                  "python", "-c", "import built; print(built.seen)"});
    CAPTURE(result.err);
    CHECK(result.status == 0);
    CHECK(result.out == "None\n");
    CHECK(result.err.empty());
}

TEST_CASE("what an installer puts elsewhere without an error is an error of ours") {
    scene place;
    write_project(place);
    // A pip that does what a setting may have it do.
    std::filesystem::create_directories(place.folder() / "tools/bin");
    place.write("tools/bin/pip", "#!/bin/sh\necho 'Successfully installed built-1'\n");
    std::filesystem::permissions(place.folder() / "tools/bin/pip", std::filesystem::perms::owner_all);
    place.where().variables["GESTVENV_TOOLS"] = (place.folder() / "tools").string();
    auto result = place.gestvenv({"run", "--backend", "pip", "--project", ".", "--", "true"});
    CHECK(result.status == 125);
    CHECK(result.err.find("built is not in the environment") != std::string::npos);
    CHECK(result.err.find("hint: ") != std::string::npos);
}
