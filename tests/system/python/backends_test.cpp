// SPDX-License-Identifier: MIT
// The commands that install, and which backend is chosen.
#include "messages/spelling.hpp"
#include "system/python/backends/pip_program.hpp"
#include "system/python/backends/registry.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <set>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace gestvenv::python;

namespace fs = std::filesystem;

namespace {

using arguments = std::vector<std::string>;

// A tools folder with a uv and a pip of a chosen release.
struct fake_tools {
    scratch_folder scratch;
    interpreter python;
    backend_request request;

    fake_tools() {
        write_file(scratch / "bin/uv", "#!/bin/sh\n", true);
        add_pip("23.2.1", ">=3.7");
        python.version = {3, 12, 1};
        python.version_text = "3.12.1";
        request.venv_path = "/run/env";
        request.interpreter = &python;
        request.packages = requirements({"requests>=2", "six"});
        request.variables = {{"PATH", "/usr/bin"}, {"PIP_NO_BINARY", ":all:"}, {"UV_NO_BINARY", "1"}};
    }
    void add_pip(const std::string& version, const std::string& requires_python) {
        write_file(scratch / "bin/pip", "#!/bin/sh\n", true);
        auto packages = scratch / "lib/python3.11/site-packages";
        fs::remove_all(packages);
        write_file(packages / ("pip-" + version + ".dist-info/METADATA"),
                   "Metadata-Version: 2.1\nName: pip\nRequires-Python: " + requires_python +
                       "\n\nRequires-Python: x\n");
    }
    tools_folder tools() const {
        tools_folder folder;
        folder.folder = scratch.path();
        return folder;
    }
    outcome<tool_command> command(backend kind) const {
        return find_backend(kind).value()->install_command(request, tools());
    }
    arguments words(backend kind) const {
        auto result = command(kind);
        if (!result)
            FAIL(result.error().message);
        return result->arguments;
    }
    std::string program(const char* name) const { return (scratch.path() / "bin" / name).string(); }
};

bool contains(const arguments& words, const arguments& wanted) {
    return std::search(words.begin(), words.end(), wanted.begin(), wanted.end()) != words.end();
}

} // namespace

TEST_CASE_METHOD(fake_tools, "uv installs from outside, copies, and never fetches a Python") {
    CHECK(words(backend::uv) == arguments{program("uv"), "pip", "install", "--python", "/run/env/bin/python",
                                          "--color", "never", "--no-python-downloads", "--no-progress",
                                          "--link-mode", "copy", "--", "requests>=2", "six"});
}

TEST_CASE_METHOD(fake_tools,
                 "a package with a password in its URL is no argument, which all users can read") {
    const std::string secret = "demo @ https://user:hidden@host/demo-1.0-py3-none-any.whl";
    request.packages = requirements({secret, "six"});
    for (auto kind : {backend::uv, backend::pip}) {
        auto result = command(kind);
        REQUIRE(result);
        CHECK(contains(result->arguments, {"-r", "/dev/stdin"}));
        for (const auto& word : result->arguments)
            CHECK(word.find("hidden") == std::string::npos);
        CHECK(result->standard_input == secret + "\nsix\n");
    }
    // Where standard input is a requirements file already, there is no better place.
    request.packages = requirements({secret});
    request.requirements_files = {{"/dev/stdin"}};
    auto result = command(backend::pip);
    REQUIRE(result);
    CHECK(result->standard_input.empty());
    CHECK(result->arguments.back() == secret);
}

TEST_CASE_METHOD(fake_tools, "pip installs from outside") {
    CHECK(words(backend::pip) == arguments{program("pip"), "--python", "/run/env/bin/python", "install",
                                           "--no-input", "--disable-pip-version-check", "--no-color",
                                           "--progress-bar", "off", "--", "requests>=2", "six"});
}

TEST_CASE_METHOD(fake_tools, "every wish of a request has its words, and packages stand behind `--`") {
    request.upgrade = true;
    request.only_wheels = true;
    request.offline = true;
    request.cache_folder = "/cache";
    request.requirements_files = {{"/scratch/r.txt", "six\n"}};
    auto kind = GENERATE(backend::uv, backend::pip);
    auto made = words(kind);
    CHECK(contains(made, {"--upgrade"}));
    CHECK(contains(made, {"--only-binary", ":all:"}));
    CHECK(contains(made, {kind == backend::uv ? "--offline" : "--no-index"}));
    CHECK(contains(made, {"--cache-dir", "/cache"}));
    CHECK(contains(made, {"--requirement" + std::string{kind == backend::uv ? "s" : ""}, "/scratch/r.txt"}));
    CHECK(contains(made, {"--", "requests>=2", "six"}));
    auto variables = command(kind)->variables;
    CHECK_FALSE(variables.contains("PIP_NO_BINARY"));
    CHECK_FALSE(variables.contains("UV_NO_BINARY"));
}

TEST_CASE_METHOD(fake_tools,
                 "where few processes have room uv does one thing after another, or what its user says") {
    CHECK_FALSE(command(backend::uv)->variables.contains("UV_CONCURRENT_DOWNLOADS"));
    request.one_at_a_time = true;
    request.variables["UV_CONCURRENT_BUILDS"] = "2";
    auto made = command(backend::uv)->variables;
    CHECK(made["UV_CONCURRENT_DOWNLOADS"] == "1");
    CHECK(made["UV_CONCURRENT_INSTALLS"] == "1");
    CHECK(made["UV_CONCURRENT_BUILDS"] == "2");
}

TEST_CASE_METHOD(fake_tools, "what is no file and no place never becomes an argument") {
    auto kind = GENERATE(backend::uv, backend::pip);
    auto refused = [&] {
        auto made = command(kind);
        REQUIRE_FALSE(made);
        CHECK(made.error().code == error_code::invalid_argument);
    };
    SECTION("nothing") {
        request.packages.clear();
    }
    SECTION("a relative environment") {
        request.venv_path = "env";
    }
    SECTION("a relative requirements file") {
        request.requirements_files = {{"-e", "six"}};
    }
    SECTION("what would be built where only wheels are wanted") {
        request.only_wheels = true;
        request.packages = requirements({"a @ https://example.org/a-1.tar.gz"});
    }
    SECTION("a requirements file that would have something built where only wheels are wanted") {
        request.only_wheels = true;
        request.requirements_files = {{"/scratch/r.txt", "-e .\n"}};
    }
    SECTION("a requirements file that cannot be checked where only wheels are wanted") {
        request.only_wheels = true;
        request.requirements_files = {{"/scratch/r.txt", std::nullopt}};
    }
    refused();
}

TEST_CASE_METHOD(fake_tools, "an interpreter too old for the tools' pip gets the one it came with") {
    python.version = {3, 8, 18};
    write_file(scratch / "pip-23.0.1-py3-none-any.whl", "a wheel");
    python.bundled_pip = scratch / "pip-23.0.1-py3-none-any.whl";
    CHECK(words(backend::pip)[0] == program("pip"));
    add_pip("26.3", ">=3.10");
    CHECK(contains(words(backend::pip),
                   {"/run/env/bin/python", (python.bundled_pip / "pip").string(), "install", "--no-input"}));
    add_pip("20.3.4", ">=2.7, !=3.0.*"); // knows no --python
    CHECK(words(backend::pip)[0] == "/run/env/bin/python");
    python.bundled_pip.clear();
    auto made = command(backend::pip);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == error_code::backend_not_found);
    CHECK(made.error().message.find("older than 22.3") != std::string::npos);
    CHECK(made.error().hint.find("uv") != std::string::npos);
}

TEST_CASE_METHOD(fake_tools,
                 "without a tool folder's pip the bundled one is used, and without any there is an error") {
    fs::remove(scratch / "bin/pip");
    fs::remove(scratch / "bin/uv");
    write_file(scratch / "pip.whl", "a wheel");
    python.bundled_pip = scratch / "pip.whl";
    CHECK(words(backend::pip)[1] == (scratch / "pip.whl/pip").string());
    python.bundled_pip = scratch / "gone.whl";
    for (auto kind : {backend::uv, backend::pip}) {
        auto made = command(kind);
        REQUIRE_FALSE(made);
        CHECK(made.error().code == error_code::backend_not_found);
        CHECK(made.error().hint.find("pip install") != std::string::npos);
    }
}

TEST_CASE("every backend is found by its kind, and `auto` is not one of them") {
    for (auto kind : {backend::uv, backend::pip, backend::pdm, backend::poetry})
        CHECK(find_backend(kind).value()->kind() == kind);
    auto none = find_backend(backend::automatic);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == error_code::backend_not_found);
    CHECK(none.error().hint == "choose one of: uv, pip, pdm, poetry");
}

TEST_CASE("the backends of the API are those of the registry, and auto") {
    std::set<std::string_view> names{to_string(backend::automatic)};
    for (const auto* one : all_backends())
        CHECK(names.insert(one->name()).second);
    auto spelled = all_spellings<backend>();
    CHECK(names == std::set<std::string_view>{spelled.begin(), spelled.end()});
    CHECK(backend_kinds().size() == all_backends().size());
    CHECK(backend_kinds().front() == all_backends().front()->kind());
}

TEST_CASE_METHOD(fake_tools, "a backend that needs a network says so, and names those that do not") {
    request.offline = true;
    for (const auto* one : all_backends()) {
        CAPTURE(one->name());
        auto made = command(one->kind());
        CHECK(bool(made) == (one->offline() != offline_source::none));
        if (!made)
            CHECK(made.error().hint == "uv and pip can");
    }
}

TEST_CASE_METHOD(fake_tools, "what pip is told and a tool knows nothing of is refused and not passed over") {
    request.working_folder = scratch.path();
    auto refusal = [&](backend kind, variable_map variables) {
        request.variables = std::move(variables);
        auto made = command(kind); // neither tool is there
        REQUIRE_FALSE(made);
        return made.error().code == error_code::invalid_argument ? made.error().message : "";
    };
    write_file(scratch / "own/pip.conf", "[global]\nconstraint = c.txt\n");
    const auto kind = GENERATE(backend::pdm, backend::poetry);
    CHECK(refusal(kind, {{"PIP_CONSTRAINT", "a.txt"}}).ends_with("constraints (constraint) in a.txt"));
    CHECK(refusal(kind, {{"PIP_CONFIG_FILE", (scratch / "own/pip.conf").string()}}).ends_with("in c.txt"));
    CHECK(refusal(kind, {{"PIP_NO_INDEX", "1"}}).ends_with("no index (no-index)"));
    CHECK(refusal(kind, {{"PIP_NO_INDEX", "0"}, {"PIP_CONSTRAINT", ""}}).empty());
    const bool takes_links = kind == backend::pdm;
    CHECK(refusal(kind, {{"PIP_FIND_LINKS", "https://links.example/"}}).empty() == takes_links);
    CHECK(refusal(kind, {{"PIP_FIND_LINKS", "/none own"}}).empty() == takes_links);
    fs::create_directories(scratch / "empty");
    CHECK(refusal(kind, {{"PIP_FIND_LINKS", "/none empty"}}).empty());

    // What a lock names is said already, but no index is none all the same.
    request.packages.clear();
    write_file(scratch / "project/pyproject.toml", "[project]\nname = \"x\"\n");
    write_file(scratch / "project/pdm.lock", "");
    write_file(scratch / "project/poetry.lock", "");
    request.project = {(scratch / "project").string(), {}, {}};
    CHECK(refusal(kind, {{"PIP_CONSTRAINT", "a.txt"}, {"PIP_FIND_LINKS", "own"}}).empty());
    CHECK_FALSE(refusal(kind, {{"PIP_NO_INDEX", "1"}}).empty());
}

TEST_CASE("the names of backends' caches differ") {
    std::set<std::string_view> variables;
    for (const auto* one : all_backends())
        CHECK(variables.insert(one->cache_variable()).second);
}

TEST_CASE_METHOD(fake_tools, "auto is the first backend that is there, and says so when none is") {
    auto chosen = [this] {
        auto found = choose_backend(backend::automatic, tools());
        return found ? std::string{(*found)->name()} : found.error().message;
    };
    CHECK(chosen() == "uv");
    fs::remove(scratch / "bin/uv");
    CHECK(chosen() == "pip");
    fs::remove(scratch / "bin/pip");
    CHECK(chosen().find("looked for uv, pip, pdm, poetry") != std::string::npos);
    write_file(scratch / "bin/poetry", "#!/bin/sh\n", true);
    CHECK(chosen() == "poetry");
    CHECK(choose_backend(backend::pdm, tools()).value()->kind() == backend::pdm);
}

TEST_CASE_METHOD(fake_tools, "auto takes the backend whose lock a project has, also where that is missing") {
    project_source project{(scratch / "project").string(), {}, {}};
    auto chosen = [&] { return (*choose_backend(backend::automatic, tools(), project))->name(); };
    CHECK(chosen() == "uv");
    write_file(scratch / "project/poetry.lock", "");
    CHECK(chosen() == "poetry");
    write_file(scratch / "project/pdm.lock", "");
    CHECK(chosen() == "pdm");
    CHECK(choose_backend(backend::pip, tools(), project).value()->name() == "pip");
}

TEST_CASE_METHOD(
    fake_tools,
    "a project is built where it stands, locked or resolved, with the extras and groups asked for") {
    write_file(scratch / "project/pyproject.toml", "[build-system]\n[dependency-groups]\ntest = []\n");
    request.packages.clear();
    request.project = {(scratch / "project").string(), {"more"}, {"test"}};
    request.local_names = {"project"};
    auto kind = GENERATE(backend::uv, backend::pip);
    auto made = words(kind);
    const auto& folder = request.project->folder;
    CHECK(contains(made, {"--group", folder + "/pyproject.toml:test"}));
    CHECK(contains(made, {"--", folder + "[more]"}));
    CHECK(contains(made, {"--project", folder}) == (kind == backend::uv));
    // uv would take what it has built of it before.
    CHECK(contains(made, {"--reinstall-package", "project"}) == (kind == backend::uv));

    write_file(scratch / "project/uv.lock", "");
    CHECK(contains(words(kind), {"--locked"}) == (kind == backend::uv));
    request.upgrade = true;
    CHECK(bool(command(kind)) == (kind == backend::pip)); // whose lock it is not
    request.upgrade = false;
    request.only_wheels = true;
    CHECK_FALSE(command(kind));
}
