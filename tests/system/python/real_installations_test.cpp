// SPDX-License-Identifier: MIT
// Real installations, on every interpreter of this machine.
#include "system/python/backends/installer_variables.hpp"
#include "system/python/backends/registry.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace gestvenv::python;

namespace fs = std::filesystem;

namespace {

// Runs a real backend on a written environment of a real interpreter.
struct real_installation {
    scratch_folder scratch;
    fs::path venv = scratch / "env";
    tools_folder tools = find_tools_folder(search_context_from_process());
    backend_request request;

    void prepare(const interpreter& python, backend kind) {
        if (auto tool = find_tool(tools, to_string(kind)); !tool)
            SKIP(tool.error().message);
        write_environment(python, {venv.string(), "one"});
        fs::create_directory(scratch / "tmp");
        request.venv_path = venv;
        request.interpreter = &python;
        request.variables = installer_variables(process_variables(), {venv, scratch / "tmp", {}, {}});
    }
    backend_report install(backend kind) {
        const auto& chosen = *find_backend(kind).value();
        auto command = chosen.install_command(request, tools);
        if (!command)
            FAIL(command.error().message);
        auto result = run(*command, scratch.path());
        UNSCOPED_INFO(result.standard_output << result.standard_error);
        return chosen.parse_changes(result);
    }
    void install_two(backend kind) {
        request.packages = requirements({"idna==3.4", "six ; python_version >= '3'"});
        auto report = install(kind);
        if (report.failure && report.network_trouble)
            SKIP(report.failure->message);
        CHECK(report.failure == std::nullopt);
        REQUIRE(report.installed.size() == 2);
        std::sort(report.installed.begin(), report.installed.end(),
                  [](const auto& a, const auto& b) { return a.name < b.name; });
        CHECK(report.installed[0] == installed_package{"idna", "3.4"});
        CHECK(report.installed[1].name == "six");
        CHECK(report.removed.empty());
        CHECK(python_prints("import idna, six; print(idna.__version__, idna.__file__)") ==
              "3.4 " + (venv / request.interpreter->site_packages / "idna/__init__.py").string() + "\n");
    }
    void replace_and_list(backend kind) {
        write_file(scratch / "r.txt", "# newer\nidna==3.5\n");
        request.packages.clear();
        request.requirements_files = {{scratch / "r.txt", read_file(scratch / "r.txt")}};
        request.only_wheels = true;
        auto report = install(kind);
        CHECK(report.failure == std::nullopt);
        CHECK(report.installed == std::vector<installed_package>{{"idna", "3.5"}});
        CHECK(report.removed == std::vector<installed_package>{{"idna", "3.4"}});

        report = install(kind);
        CHECK(report.failure == std::nullopt);
        CHECK(report.installed.empty());

        auto packages = list(kind);
        CHECK(packages.size() == 2);
        CHECK(std::find(packages.begin(), packages.end(), installed_package{"idna", "3.5"}) !=
              packages.end());
    }
    std::vector<installed_package> list(backend kind) {
        const auto& chosen = *find_backend(kind).value();
        auto command = chosen.list_command(request, tools);
        if (!command)
            FAIL(command.error().message);
        auto packages = chosen.parse_list(run(*command, scratch.path()));
        if (!packages)
            FAIL(packages.error().message);
        return *packages;
    }
    std::string python_prints(const std::string& program) {
        tool_command command{{(venv / "bin/python").string(), "-c", program},
                             command_variables({}, {venv, {}, {}, {}})};
        auto result = run(command, scratch.path());
        return result.standard_output + result.standard_error;
    }
};

} // namespace

TEST_CASE_METHOD(real_installation, "uv installs, replaces and lists real packages on every interpreter",
                 "[machine][network]") {
    auto known = GENERATE(from_range(known_interpreters()));
    DYNAMIC_SECTION("Python " << known.name) {
        prepare(probed(known), backend::uv);
        install_two(backend::uv);
        replace_and_list(backend::uv);
    }
}

TEST_CASE_METHOD(real_installation, "pip installs real packages on every interpreter", "[machine][network]") {
    auto known = GENERATE(from_range(known_interpreters()));
    DYNAMIC_SECTION("Python " << known.name) {
        prepare(probed(known), backend::pip);
        install_two(backend::pip);
    }
}

TEST_CASE_METHOD(real_installation, "pip replaces and lists real packages", "[machine][network]") {
    prepare(probed(known_interpreters().back()), backend::pip);
    install_two(backend::pip);
    replace_and_list(backend::pip);
}

TEST_CASE_METHOD(real_installation, "the pip an interpreter came with installs where the tools have none",
                 "[machine][network]") {
    prepare(probed(known_interpreters().front()), backend::pip);
    tools = {};
    install_two(backend::pip);
}

TEST_CASE_METHOD(real_installation, "a package that does not exist is named in one short message",
                 "[machine][network]") {
    auto kind = GENERATE(backend::uv, backend::pip);
    DYNAMIC_SECTION(to_string(kind)) {
        prepare(probed(known_interpreters().back()), kind);
        request.packages = requirements({"gestvenv-nonexistent-package-xyz"});
        auto report = install(kind);
        REQUIRE(report.failure);
        if (report.network_trouble)
            SKIP(report.failure->message);
        CHECK(report.failure->code == error_code::install_failed);
        CHECK(report.failure->message.find("gestvenv-nonexistent-package-xyz") != std::string::npos);
        CHECK(report.failure->message.size() < 300);
        CHECK_FALSE(report.failure->hint.empty());
    }
}

TEST_CASE_METHOD(real_installation,
                 "where only wheels are wanted a package without one is refused and runs no code",
                 "[machine][network]") {
    auto kind = GENERATE(backend::uv, backend::pip);
    DYNAMIC_SECTION(to_string(kind)) {
        prepare(probed(known_interpreters().back()), kind);
        request.packages = requirements({"uwsgi==2.0.20"}); // published as source alone
        request.only_wheels = true;
        request.variables["PIP_NO_BINARY"] = ":all:";
        request.variables["UV_NO_BINARY"] = "1";
        auto report = install(kind);
        REQUIRE(report.failure);
        CHECK(report.failure->message.find("uwsgi") != std::string::npos);
        CHECK(list(kind).empty());
    }
}
