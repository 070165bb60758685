// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/interpreter_wish.hpp"

#include "tests/support/temporary_folder.hpp"
#include "tools/gestvenv/run/run_request.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>

using namespace gestvenv;
using namespace gestvenv::cli;

namespace {

namespace files = std::filesystem;

struct place {
    test::temporary_folder folder;
    python::search_context context;
    run_request request;

    place() {
        context.working_folder = folder.path();
        request.command.working_directory = folder.path();
        request.command.arguments = {"true"};
    }
    void write(const std::string& name, const std::string& content) {
        files::create_directories((folder.path() / name).parent_path());
        std::ofstream{folder.path() / name} << content;
    }
    void use_project(const std::string& name) {
        request.environment.project.emplace().folder = (folder.path() / name).string();
    }
    interpreter_wish wish() {
        auto declared = read_script(request.command, folder.path(), false);
        if (!declared)
            FAIL(render(declared.error()));
        auto made = wish_of(request.environment, folder.path(), *declared ? &**declared : nullptr, context);
        if (!made)
            FAIL(render(made.error()));
        return *made;
    }
    error refusal() {
        auto refused = wish_of(request.environment, folder.path(), nullptr, context);
        REQUIRE_FALSE(refused);
        return refused.error();
    }
    std::string wanted() { return wish().wanted.value_or("nothing"); }
};

constexpr const char* script = "#!/usr/bin/env python\n# /// script\n# requires-python = \">=3.12\"\n"
                               "# dependencies = [\"requests<3\"]\n# ///\nimport sys\n";

} // namespace

TEST_CASE_METHOD(place, "the option --python comes before .python-version, and that before requires-python") {
    CHECK(wanted() == "nothing");
    write("pyproject.toml", "[project]\nname = 'a'\nrequires-python = '>=3.11'\n");
    CHECK(wanted() == "nothing"); // no project is asked for
    use_project(".");
    CHECK(wanted() == ">=3.11");
    CHECK(wish().reason.find("requires-python >=3.11 of ") == 0);
    write(".python-version", "3.12\n");
    CHECK(wanted() == "3.12");
    CHECK(wish().reason.find(".python-version") != std::string::npos);
    request.environment.python_version = "3.13";
    CHECK(wanted() == "3.13");
    CHECK(wish().reason == "--python");
}

TEST_CASE_METHOD(place, "what all members of a workspace need counts, where uv has locked it") {
    write("pyproject.toml", "[tool.uv.workspace]\nmembers = ['app', 'lib']\n");
    write("lib/pyproject.toml", "[project]\nname = 'lib'\nrequires-python = '>=3.12'\n");
    write("app/pyproject.toml", "[project]\nname = 'app'\nrequires-python = '>=3.9'\n");
    use_project("app");
    CHECK(wanted() == ">=3.9");
    write("uv.lock", "version = 1\nrequires-python = \">=3.12, <3.15\"\n\n[[package]]\nname = \"app\"\n");
    CHECK(wanted() == ">=3.12, <3.15");
    CHECK(wish().reason.find("uv.lock") != std::string::npos);
    request.environment.package_backend = backend::pip;
    CHECK(wanted() == ">=3.9");
    request.environment.package_backend = backend::uv;
    request.environment.python_version = "3.9";
    CHECK(refusal().message.find("uv.lock") != std::string::npos);
    request.environment.python_version.reset();
    use_project(".");
    CHECK(wanted() == ">=3.12, <3.15");
    write("uv.lock", "version = 1\n\n[[package]]\nrequires-python = \">=3.14\"\n");
    use_project("app");
    CHECK(wanted() == ">=3.9");
}

TEST_CASE_METHOD(place, "a project's own .python-version counts, not that of the working folder beside it") {
    write(".python-version", "3.9\n");
    write("app/pyproject.toml", "[project]\nname = 'a'\n");
    write("app/.python-version", "3.12\n");
    use_project("app");
    CHECK(wanted() == "3.12");
}

TEST_CASE_METHOD(place,
                 "a line of .python-version that is no version is told, and what comes after it counts") {
    write(".python-version", "pypy3.10\n3.11\n");
    CHECK(wanted() == "3.11");
    REQUIRE(wish().warnings.size() == 1);
    CHECK(wish().warnings[0].find("pypy3.10") != std::string::npos);
    write(".python-version", "our-env\n");
    write("pyproject.toml", "[project]\nname = 'a'\nrequires-python = '>=3.10'\n");
    use_project(".");
    CHECK(wanted() == ">=3.10");
}

TEST_CASE_METHOD(place, "poetry's own version of Python counts where the project has none") {
    write("pyproject.toml", "[tool.poetry]\nname = 'a'\n[tool.poetry.dependencies]\npython = '^3.10'\n");
    use_project(".");
    CHECK(wanted() == ">=3.10,<4.0.0");
}

TEST_CASE_METHOD(place, "a project that does not take the chosen version is an error, with --python in it") {
    write("pyproject.toml", "[project]\nname = 'a'\nrequires-python = '>=3.12'\n");
    write(".python-version", "3.11\n");
    use_project(".");
    const auto refused = refusal();
    CHECK(refused.code == error_code::invalid_argument);
    CHECK(refused.message.find(".python-version") != std::string::npos);
    CHECK(refused.hint == "--python '>=3.12'");
}

TEST_CASE_METHOD(place, "a range that is none is an error that names its file") {
    write("pyproject.toml", "[project]\nname = 'a'\nrequires-python = 'three'\n");
    use_project(".");
    CHECK(refusal().message.find("pyproject.toml") != std::string::npos);
    write("pyproject.toml", "this is no TOML");
    CHECK(wanted() == "nothing"); // which the backend tells
}

TEST_CASE_METHOD(place, "what a script needs counts, whether python is named before it or not") {
    write("check.py", script);
    for (std::vector<std::string> words : {std::vector<std::string>{"check.py", "a"},
                                           {"./check.py"},
                                           {"python", "check.py"},
                                           {"/x/python3", "-u", "-W", "error", "check.py"},
                                           {"python3.12", (folder.path() / "check.py").string()}}) {
        INFO(words.front());
        request.command.arguments = words;
        CHECK(wanted() == ">=3.12");
    }
    for (std::vector<std::string> words : {std::vector<std::string>{"python", "-c", "check.py"},
                                           {"python", "-mcheck", "check.py"},
                                           {"python"},
                                           {"cat", "check.py"},
                                           {"absent.py"},
                                           {"pythonic", "check.py"}}) {
        INFO(words.front());
        request.command.arguments = words;
        CHECK(wanted() == "nothing");
    }
    // It may run under another version all the same.
    request.command.arguments = {"python", "check.py"};
    request.environment.python_version = "3.11";
    CHECK(wanted() == "3.11");
    CHECK(wish().warnings.size() == 1);
}
