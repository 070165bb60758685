// SPDX-License-Identifier: MIT
// Projects and requirements that are not written as their tools' guides write them.
#include "tests/runtime/with_each_backend.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace gestvenv;

namespace {

struct odd_projects : test::with_each_backend {
    void write(const std::string& name, const std::string& text) const {
        auto file = folder.path() / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << text;
    }

    bool is_scratch() const {
        return spec.package_backend == backend::pdm || spec.package_backend == backend::poetry;
    }

    install_result install(environment& env, const std::string& project,
                           std::vector<std::string> groups = {}) const {
        install_request request;
        request.project = project_source{(folder.path() / project).string(), {}, std::move(groups)};
        return env.install(request);
    }

    // `demo`, in a wheel that was never built from anything.
    void write_wheel(environment& env) const {
        command_spec command;
        command.arguments = {
            "python", "-c",
            "import os, zipfile\n"
            "os.makedirs('dist', exist_ok=True)\n"
            "about = 'demo-1.0.dist-info/'\n"
            "with zipfile.ZipFile('dist/demo-1.0-py3-none-any.whl', 'w') as wheel:\n"
            "    wheel.writestr('demo.py', '')\n"
            "    wheel.writestr(about + 'METADATA', 'Metadata-Version: 2.1\\nName: demo\\n'\n"
            "                   'Version: 1.0\\n')\n"
            "    wheel.writestr(about + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\n'\n"
            "                   'Root-Is-Purelib: true\\nTag: py3-none-any\\n')\n"
            "    wheel.writestr(about + 'RECORD', 'demo.py,,\\n')\n"};
        command.working_directory = folder.path();
        REQUIRE(env.execute(command).success());
    }
};

} // namespace

TEST_CASE_METHOD(odd_projects, "a group is found in any spelling of its name") {
    write("demo/pyproject.toml",
          "[project]\nname = \"demo\"\nversion = \"1\"\nrequires-python = \">=3.9\"\n"
          "[dependency-groups]\nTest_X = [\"iniconfig==2.0.0\"]\nother = [\"toml\"]\n");
    auto env = host.create(spec);
    install(env, "demo", {"test-x"});
    CHECK(env.packages() == std::vector<installed_package>{{"iniconfig", "2.0.0"}});
}

TEST_CASE_METHOD(odd_projects, "a file with groups alone has them installed") {
    write("demo/pyproject.toml", "[dependency-groups]\nbase = [\"iniconfig==2.0.0\"]\n"
                                 "dev = [{include-group = \"base\"}]\n");
    auto env = host.create(spec);
    install(env, "demo", {"dev"});
    CHECK(env.packages() == std::vector<installed_package>{{"iniconfig", "2.0.0"}});
}

TEST_CASE_METHOD(odd_projects,
                 "a project with a setup.py alone is installed, or refused with what installs it") {
    write("demo/setup.py",
          "from setuptools import setup\nsetup(name='demo', version='1', py_modules=['demo'])\n");
    write("demo/demo.py", "");
    auto env = host.create(spec);
    if (is_scratch()) {
        try {
            install(env, "demo");
            FAIL("it was installed");
        } catch (const ephemeral_exception& refused) {
            CHECK(refused.details().hint.find("--backend uv") != std::string::npos);
        }
        return;
    }
    install(env, "demo");
    CHECK(env.execute("python -c 'import demo'").success());
    CHECK_FALSE(std::filesystem::exists(folder.path() / "demo/build"));
}

TEST_CASE_METHOD(odd_projects,
                 "a setup.py alone in a folder with an odd name is installed with its extras, or refused") {
    const std::string name = GENERATE("odd [x] $d", "a#b", "a;b");
    CAPTURE(name);
    const bool uv = spec.package_backend == backend::uv;
    if (is_scratch())
        return; // they refuse a setup.py in any folder
    write(name + "/setup.py",
          "from setuptools import setup\nsetup(name='demo', version='1', py_modules=['demo'], "
          "extras_require={'more': ['iniconfig==2.0.0']})\n");
    write(name + "/demo.py", "");
    auto env = host.create(spec);
    install_request request;
    request.project = project_source{(folder.path() / name).string(), {"more"}, {}};
    if (name.find(uv ? '#' : ';') != std::string::npos) {
        try {
            env.install(request);
            FAIL("it was installed");
        } catch (const ephemeral_exception& refused) {
            CHECK(refused.details().hint.find(uv ? "--backend pip" : "--backend uv") != std::string::npos);
        }
        return;
    }
    env.install(request);
    CHECK(env.execute("python -c 'import demo, iniconfig'").success());
}

TEST_CASE_METHOD(odd_projects, "a project that a tool would pass over is refused with what installs it") {
    auto refused_with_hint = [&] {
        auto env = host.create(spec);
        try {
            install(env, "demo");
            return false;
        } catch (const ephemeral_exception& refused) {
            return refused.details().hint.find("--backend uv") != std::string::npos;
        }
    };
    write("demo/setup.cfg", "[metadata]\nname = demo\nversion = 1\n[options]\npy_modules = demo\n");
    write("demo/demo.py", "");
    write("demo/pyproject.toml", "[build-system]\nrequires = [\"setuptools\"]\n"
                                 "build-backend = \"setuptools.build_meta\"\n");
    CHECK(refused_with_hint() == is_scratch());
    write("demo/reqs.in", "iniconfig==2.0.0\n");
    write("demo/pyproject.toml", "[build-system]\nrequires = [\"setuptools\"]\n"
                                 "build-backend = \"setuptools.build_meta\"\n"
                                 "[project]\nname = \"demo\"\nversion = \"1\"\ndynamic = [\"dependencies\"]\n"
                                 "requires-python = \">=3.9\"\n"
                                 "[tool.setuptools]\npy-modules = [\"demo\"]\n"
                                 "[tool.setuptools.dynamic]\ndependencies = {file = [\"reqs.in\"]}\n");
    CHECK(refused_with_hint() == (spec.package_backend == backend::pdm));
}

TEST_CASE_METHOD(odd_projects,
                 "a project of poetry's own tables is installed by poetry, and refused by uv and pip") {
    write("demo/pyproject.toml", "[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\n"
                                 "python = \"^3.9\"\niniconfig = \"2.0.0\"\n");
    auto env = host.create(spec);
    if (is_scratch()) {
        install(env, "demo");
        CHECK(env.packages() == std::vector<installed_package>{{"iniconfig", "2.0.0"}});
        return;
    }
    try {
        install(env, "demo");
        FAIL("it was installed");
    } catch (const ephemeral_exception& refused) {
        CHECK(refused.details().hint.find("--backend poetry") != std::string::npos);
    }
}

TEST_CASE_METHOD(odd_projects,
                 "places in a requirements file are found in every way in which pip writes them") {
    auto env = host.create(spec);
    write_wheel(env);
    const std::string line =
        GENERATE("./dist/demo-1.0-py3-none-any.whl ; python_version >= '3'", "dist/demo-1.0-py3-none-any.whl",
                 "file:dist/demo-1.0-py3-none-any.whl",
                 "demo @ file://FOLDER/dist/demo-1.0-py3-none-any.whl ; python_version >= '3'",
                 "demo @ file://FOLDER/%64ist/demo-1.0-py3-none-any.whl");
    CAPTURE(line);
    auto text = line;
    if (auto at = text.find("FOLDER"); at != std::string::npos)
        text.replace(at, 7, folder.path().string() + "/");
    write("requirements.txt", text + "\n");
    install_request request;
    request.requirements_files = {(folder.path() / "requirements.txt").string()};
    request.install_context.emplace();
    request.install_context->folder = folder.path().string();
    env.install(request);
    CHECK(env.packages() == std::vector<installed_package>{{"demo", "1.0"}});
}

TEST_CASE_METHOD(odd_projects, "constraints of pip's variable hold for uv too, from the caller's folder") {
    if (is_scratch())
        return; // they are no front ends of pip
    auto env = host.create(spec);
    write("limits.txt", "iniconfig==2.0.0\n");
    install_request request;
    request.packages = {"iniconfig"};
    request.install_context.emplace();
    request.install_context->folder = folder.path().string();
    for (char** item = environ; *item != nullptr; ++item) {
        std::string text{*item};
        auto equals = text.find('=');
        request.install_context->variables[text.substr(0, equals)] = text.substr(equals + 1);
    }
    request.install_context->variables["PIP_CONSTRAINT"] = "limits.txt";
    env.install(request);
    CHECK(env.packages() == std::vector<installed_package>{{"iniconfig", "2.0.0"}});
}

TEST_CASE_METHOD(odd_projects, "a pyproject.toml that is no TOML is said in a sentence") {
    write("demo/pyproject.toml", "[project\nname = \"demo\"\n");
    auto env = host.create(spec);
    try {
        install(env, "demo");
        FAIL("it was installed");
    } catch (const ephemeral_exception& refused) {
        const auto& message = refused.details().message;
        CAPTURE(message);
        CHECK(message.find("line 1") != std::string::npos);
        CHECK(message.find("Traceback") == std::string::npos);
        CHECK_FALSE(message.ends_with("Exception:"));
    }
}
