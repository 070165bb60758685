// SPDX-License-Identifier: MIT
// What uv prints, as captured from it (uv 0.4.30 and 0.13.9), becomes a message that helps.
#include "system/python/backends/installer_output.hpp"
#include "system/python/backends/pdm.hpp"
#include "system/python/backends/poetry.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/secrets.hpp"
#include "tests/system/python/said_by_tools.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>

using namespace gestvenv;
using namespace gestvenv::python;
using namespace gestvenv::test;

TEST_CASE("uv: a package that does not exist is named") {
    auto expected =
        "uv could not install: No solution found when resolving dependencies: Because "
        "gestvenv-nonexistent-package-xyz was not found in the package registry and you require "
        "gestvenv-nonexistent-package-xyz, we can conclude that your requirements are unsatisfiable.";
    auto now =
        uv_says("Using Python 3.13.0 environment at: v\n"
                "error: No solution found when resolving dependencies\n"
                "  cause: Because gestvenv-nonexistent-package-xyz was not found in the package registry and "
                "you require gestvenv-nonexistent-package-xyz, we can conclude that your requirements are "
                "unsatisfiable.\n");
    CHECK(message_of(now) == expected);
    CHECK(now.failure->code == error_code::install_failed);
    CHECK_FALSE(now.network_trouble);
    auto before = uv_says("Using Python 3.13.0 environment at v\n"
                          "  × No solution found when resolving dependencies:\n"
                          "  ╰─▶ Because gestvenv-nonexistent-package-xyz was not found in the package\n"
                          "      registry and you require gestvenv-nonexistent-package-xyz, we can\n"
                          "      conclude that your requirements are unsatisfiable.\n");
    CHECK(message_of(before) == expected);
}

TEST_CASE("uv: a conflict is told whole") {
    auto report =
        uv_says("error: No solution found when resolving dependencies\n"
                "  cause: Because requests==2.31.0 depends on idna>=2.5,<4 and you require "
                "requests==2.31.0, we can conclude that you require idna>=2.5,<4.\n"
                "         And because you require idna==1.0, we can conclude that your requirements are "
                "unsatisfiable.\n");
    CHECK(message_of(report).ends_with(
        "that you require idna>=2.5,<4. And because you require idna==1.0, we can "
        "conclude that your requirements are unsatisfiable."));
}

TEST_CASE("uv: its own hint is the hint") {
    auto report =
        uv_says("error: No solution found when resolving dependencies\n"
                "  cause: Because flask was not found in the cache and you require flask, we can conclude "
                "that your requirements are unsatisfiable.\n"
                "\n"
                "hint: Packages were unavailable because the network was disabled. When the network is "
                "disabled, registry packages may only be read from the cache.\n");
    CHECK(message_of(report).find("hint") == std::string::npos);
    CHECK(report.failure->hint.starts_with("Packages were unavailable because the network was disabled."));
}

TEST_CASE("uv: an index that cannot be reached is trouble of the network, without its password") {
    auto report = uv_says("Using Python 3.13.0 environment at: v\n"
                          "error: Request failed after 3 retries in 10.9s\n"
                          "  cause: Failed to fetch: https://user:s3cret@127.0.0.1:9/simple/flask/\n"
                          "  cause: error sending request for url (https://127.0.0.1:9/simple/flask/)\n"
                          "  cause: client error (Connect)\n"
                          "  cause: tcp connect error\n"
                          "  cause: Connection refused (os error 111)\n",
                          2);
    CHECK(message_of(report) ==
          "uv could not install: Request failed after 3 retries in 10.9s: Failed to fetch: "
          "https://****@127.0.0.1:9/simple/flask/: Connection refused (os error 111)");
    CHECK(report.network_trouble);
    CHECK(report.failure->hint.find("UV_DEFAULT_INDEX") != std::string::npos);
    CHECK(uv_says("error: Failed to fetch: `https://127.0.0.1:9/simple/flask/`\n"
                  "  Caused by: Request failed after 3 retries\n"
                  "  Caused by: tcp connect error: Connection refused (os error 111)\n",
                  2)
              .network_trouble);
}

TEST_CASE("uv: of a failed build the last lines are kept") {
    auto report = uv_says(
        "Resolved 1 package in 1.29s\n"
        "   Building uwsgi==2.0.1\n"
        "error: Failed to build `uwsgi==2.0.1`\n"
        "  cause: The build backend returned an error\n"
        "  cause: Call to `setuptools.build_meta:__legacy__.build_wheel` failed (exit status: 1)\n"
        "\n"
        "         [stdout]\n"
        "         running bdist_wheel\n"
        "         error: not the headline\n"
        "\n"
        "         [stderr]\n"
        "         warning: build_py: byte-compiling is disabled, skipping.\n"
        "\n"
        "         Traceback (most recent call last):\n"
        "         AttributeError: 'ConfigParser' object has no attribute 'readfp'.\n"
        "\n"
        "hint: Build failures usually indicate a problem with the package or the build environment\n");
    REQUIRE(report.failure);
    CHECK(report.failure->message ==
          "uv could not install: Failed to build `uwsgi==2.0.1`: The build backend returned an "
          "error: Call to `setuptools.build_meta:__legacy__.build_wheel` failed (exit status: 1)\n"
          "    | running bdist_wheel\n"
          "    | error: not the headline\n"
          "    | warning: build_py: byte-compiling is disabled, skipping.\n"
          "    | Traceback (most recent call last):\n"
          "    | AttributeError: 'ConfigParser' object has no attribute 'readfp'.");
}

TEST_CASE("uv: what was installed, installed again and removed is read") {
    auto report = uv_says("Using Python 3.13.0 environment at: v\n"
                          "Resolved 3 packages in 118ms\n"
                          "Uninstalled 1 package in 44ms\n"
                          "Installed 3 packages in 10ms\n"
                          " - idna==3.6\n"
                          " + idna==3.20\n"
                          " + evil==1 (from file:///tmp/evil)\n"
                          " ~ six==1.17.0\n",
                          0);
    CHECK_FALSE(report.failure);
    CHECK(report.installed ==
          std::vector<installed_package>{{"idna", "3.20"}, {"evil", "1"}, {"six", "1.17.0"}});
    CHECK(report.removed == std::vector<installed_package>{{"idna", "3.6"}});
    CHECK(uv_says("Resolved 1 package in 41ms\nChecked 1 package in 0.02ms\n", 0).installed.empty());
}
