// SPDX-License-Identifier: MIT
// What decides whether a machine is well, and what an error means.
#include "system/python/backends/registry.hpp"
#include "system/python/backends/scratch_project_script.hpp"
#include "tests/tools/diagnoses.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;
using namespace gestvenv::cli;
using namespace gestvenv::test;

using state = installation::state;
using words = std::vector<std::string>;

TEST_CASE("one backend that works on the default interpreter is enough") {
    CHECK(complaints(half_a_machine()).empty());
}

TEST_CASE("no backend on the default interpreter is a complaint, on another it is none") {
    auto found = half_a_machine();
    found.installations[0].result = state::fails;
    CHECK(complaints(found) == words{"no backend works with Python 3.12.1"});
    found.installations[0].result = state::unsupported;
    CHECK(complaints(found) == words{"no backend works with Python 3.12.1"});
    found.installations[0].result = state::not_tried;
    CHECK(complaints(found) == words{"no backend works with Python 3.12.1"});
}

TEST_CASE("each interpreter that is asked for has to have a backend") {
    auto found = half_a_machine();
    found.interpreters[0].needed = false;
    found.interpreters[1].needed = true;
    CHECK(complaints(found) == words{"no backend works with Python 3.8.18"});
    found.interpreters[1].missing = {"no interpreter of Python 3.8 is installed", ""};
    CHECK(complaints(found) == words{"no interpreter of Python 3.8 is installed"});
}

TEST_CASE("without interpreters nothing works") {
    auto found = half_a_machine();
    found.interpreters.clear();
    found.installations.clear();
    CHECK(complaints(found) == words{"there is no interpreter of Python"});
}

TEST_CASE("where no environment can be made, that alone is said") {
    auto found = half_a_machine();
    found.abilities[1].available = false;
    found.abilities[1].missing.why = "the disk is full";
    found.installations.clear();
    CHECK(complaints(found) == words{"no environment can be made: the disk is full"});
}

TEST_CASE("the configured backend has to work, and another that does is named") {
    auto found = half_a_machine();
    found.backends[1].needed = false;
    found.installations[0].result = state::fails;
    CHECK(complaints(found) == words{"uv, the configured backend, does not work with Python 3.12.1"});
    found.installations[1].result = state::works;
    CHECK(complaints(found) ==
          words{"uv, the configured backend, does not work with Python 3.12.1 (pdm does: "
                "gestvenv config set default_backend pdm)"});
    found.quick = true;
    CHECK(complaints(found).empty());
    found.backends[0].available = false;
    CHECK(complaints(found) == words{"uv, the configured backend, is not installed"});
    found.backends[1].available = true;
    CHECK(complaints(found) ==
          words{"uv, the configured backend, is not installed (pdm is there: gestvenv config "
                "set default_backend pdm)"});
}

TEST_CASE("a quick look asks for a tool only") {
    auto found = half_a_machine();
    found.quick = true;
    found.installations.clear();
    CHECK(complaints(found).empty());
    found.backends[0].available = false;
    CHECK(complaints(found) == words{"there is no backend that could install packages"});
}

TEST_CASE("a backend that refuses an interpreter is no fault of the machine") {
    auto failed = [](const char* message) { return error{error_code::install_failed, message, {}, {}}; };
    CHECK(judge(failed("pdm could not install: pdm 2.29.3 does not support Python 3.8"), true) ==
          state::unsupported);
    CHECK(judge(failed("poetry cannot install without a network"), true) == state::unsupported);
    CHECK(judge(failed("uv could not install: no route to host"), true) == state::fails);
    error no_pip{error_code::backend_not_found, "there is no pip for Python 3.6.1: it is too old", {}, {}};
    CHECK(judge(no_pip, true) == state::unsupported);
    CHECK(judge(no_pip, false) == state::fails);
    CHECK(judge({error_code::backend_not_found, "/x/pdm has no Python beside it", {}, {}}, true) ==
          state::fails);
}

TEST_CASE("what the backends themselves say when they refuse is understood") {
    CHECK(std::string_view{python::scratch_project_script}.find(" does not support Python ") !=
          std::string_view::npos);
    python::interpreter old;
    old.version = {3, 6, 1};
    old.version_text = "3.6.1";
    python::backend_request request;
    request.venv_path = "/venv";
    request.interpreter = &old;
    request.packages = {{.text = "six", .name = "six"}};
    auto refusal = [&](backend kind) {
        auto chosen = python::find_backend(kind);
        REQUIRE(chosen);
        auto command = (*chosen)->install_command(request, {});
        REQUIRE(!command);
        return command.error();
    };
    CHECK(judge(refusal(backend::pip), true) == state::unsupported);
    request.offline = true;
    CHECK(judge(refusal(backend::pdm), true) == state::unsupported);
    CHECK(judge(refusal(backend::poetry), true) == state::unsupported);
}

TEST_CASE("a reason is one short line in the backend's own words") {
    auto reason = in_short(
        {error_code::install_failed, "uv could not install: no\n  solution\x1b\t found", {}, "try\nagain"},
        backend::uv);
    CHECK(reason == shortcoming{"no solution found", "try again"});
    auto foreign = in_short({error_code::install_failed, "uv could not install: x", {}, {}}, backend::pip);
    CHECK(foreign.why == "uv could not install: x");
    std::string umlauts;
    for (int i = 0; i < 300; ++i)
        umlauts += "\xc3\xa4";
    auto cut = in_short({error_code::install_failed, "a" + umlauts, {}, {}}, backend::uv).why;
    CHECK(cut.size() == 299 + 4); // 300 would be in the middle of one
    CHECK(cut.ends_with("\xc3\xa4 ..."));
}

TEST_CASE("a missing tool comes with the command that installs it") {
    CHECK(command_for(backend::uv, "/t") ==
          "tools/bootstrap, or: python3 -m venv /t && /t/bin/pip install --upgrade uv");
    CHECK(command_for(backend::pip, "/t", false).find("apt-get install python3-venv && python3 -m venv /t") !=
          std::string::npos);
    CHECK(command_for(backend::poetry, "/t") ==
          "tools/bootstrap, or: python3 -m venv /t/poetry && /t/poetry/bin/pip install poetry && mkdir -p "
          "/t/bin && ln -sfn ../poetry/bin/poetry /t/bin/poetry");
    CHECK(command_for(backend::pdm, "/t").find("'pdm[locked]'") != std::string::npos);
}
