// SPDX-License-Identifier: MIT
// Real projects, with the locks that the tools themselves write.
#include "tests/runtime/with_each_backend.hpp"

#include "system/python/backends/installer_variables.hpp"
#include "system/python/search_context.hpp"
#include "system/python/tools_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <fstream>
#include <iterator>
#include <map>
#include <unistd.h>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

class project_folder {
public:
    explicit project_folder(const std::filesystem::path& where) : path_(where / "demo") {
        std::filesystem::create_directories(path_ / "src/demo");
        std::ofstream{path_ / "src/demo/__init__.py"} << "value = 42\n";
        depend_on("six");
    }

    const std::filesystem::path& path() const noexcept { return path_; }
    project_source source() const { return {path_.string(), {}, {}}; }

    // `source` of packages, for a tool that would else ask an index in a way of its own.
    void depend_on(const std::string& requirement, const std::string& index = {}) const {
        std::ofstream file{path_ / "pyproject.toml"};
        file
            << "[project]\nname = \"demo\"\nversion = \"1.0\"\nrequires-python = \">=3.10\"\n"
            << "dependencies = [\"" << requirement << "\"]\n"
            << "[project.optional-dependencies]\nmore = [\"idna\"]\n"
            << "[dependency-groups]\ntest = [\"iniconfig\"]\nother = [\"toml\"]\n"
            << "[build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n";
        if (!index.empty())
            file << "[[tool.poetry.source]]\nname = \"here\"\nurl = \"" << index
                 << "\"\npriority = \"primary\"\n";
    }

    void depend_on_nothing() const {
        std::ofstream{path_ / "pyproject.toml"}
            << "[project]\nname = \"demo\"\nversion = \"1.0\"\nrequires-python = \">=3.9\"\n"
            << "[build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n";
    }

    // What `poetry check` finds fault with, and `poetry install` does not.
    void describe_oddly() const {
        std::ifstream before{path_ / "pyproject.toml"};
        std::string text{std::istreambuf_iterator<char>{before}, {}};
        text.insert(text.find("version ="),
                    "readme = \"NONE.md\"\nclassifiers = [\"Private :: Do Not Upload\"]\n");
        std::ofstream{path_ / "pyproject.toml"} << text;
    }

    // Every file with what is in it.
    std::map<std::string, std::string> contents() const {
        std::map<std::string, std::string> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{path_}) {
            if (!entry.is_regular_file())
                continue;
            std::ifstream file{entry.path()};
            found[entry.path()] = {std::istreambuf_iterator<char>{file}, {}};
        }
        return found;
    }

private:
    std::filesystem::path path_;
};

std::filesystem::path tools() {
    return python::find_tools_folder(python::search_context_from_process()).folder / "bin";
}

// The project asks for any six, and its lock names 1.15.0, as of an author who locked it long ago.
void lock_old(runtime& host, const project_folder& project, backend tool) {
    auto env = host.create();
    auto run = [&](const std::string& line) {
        command_spec command;
        command.text = line;
        command.shell = true;
        command.working_directory = project.path();
        // The index and its certificates, as an installer has them.
        for (char** item = environ; *item != nullptr; ++item) {
            std::string text{*item};
            auto equals = text.find('=');
            if (python::reaches_installer(text.substr(0, equals)))
                command.variables[text.substr(0, equals)] = text.substr(equals + 1);
        }
        command.variables["POETRY_VIRTUALENVS_CREATE"] = "false";
        auto result = env.execute(command);
        INFO(result.stdout_text << result.stderr_text);
        REQUIRE(result.success());
        return result.stdout_text;
    };
    auto bin = tools().string();
    std::string lock = bin + "/" + std::string{to_string(tool)} + " lock";
    std::string index;
    if (tool == backend::poetry) {
        index = run(bin + "/python -c 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)'");
        index.pop_back();
    }
    if (tool == backend::pdm)
        lock += " -G :all";
    project.depend_on("six==1.15.0", index);
    run(lock);
    project.depend_on("six", index);
    run(tool == backend::pdm ? lock + " --update-reuse" : lock);
    for (const char* trace : {".venv", ".pdm-python"})
        std::filesystem::remove_all(project.path() / trace);
}

std::string version_of(environment& env, const std::string& package) {
    for (const auto& installed : env.packages())
        if (installed.name == package)
            return installed.version;
    return {};
}

int value_in_demo(environment& env) {
    return std::atoi(env.execute("python -c 'import demo; print(demo.value)'").stdout_text.c_str());
}

std::string refusal_of(environment& env, const project_source& project) {
    try {
        install_request request;
        request.project = project;
        env.install(request);
    } catch (const ephemeral_exception& refused) {
        return refused.what();
    }
    return {};
}

} // namespace

TEST_CASE("a project is installed as its lock has it, and its folder stays as it was") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto tool = GENERATE(backend::uv, backend::pdm, backend::poetry);
    INFO(to_string(tool));
    project_folder project{folder.path()};
    lock_old(host, project, tool);
    auto before = project.contents();
    environment_spec spec;
    spec.package_backend = tool;
    auto env = host.create(spec);
    install_request request;
    request.project = project.source();
    request.project->extras = {"more"};
    request.project->groups = {"test"};
    auto result = env.install(request);
    CHECK(result.backend == to_string(tool));
    CHECK(result.lock == std::string{to_string(tool)} + ".lock");
    CHECK(version_of(env, "six") == "1.15.0");
    CHECK(version_of(env, "demo") == "1.0");
    CHECK(!version_of(env, "idna").empty());
    CHECK(!version_of(env, "iniconfig").empty());
    CHECK(version_of(env, "toml").empty());
    CHECK(value_in_demo(env) == 42);
    CHECK(project.contents() == before);
    CHECK(test::names_in(env.host_path() / "tmp").empty());
}

TEST_CASE("of a project with poetry's lock nothing is checked but whether that is fresh") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    project_folder project{folder.path()};
    lock_old(host, project, backend::poetry);
    project.describe_oddly();
    environment_spec spec;
    spec.package_backend = backend::poetry;
    auto env = host.create(spec);
    CHECK(refusal_of(env, project.source()).empty());
    CHECK(version_of(env, "six") == "1.15.0");
}

TEST_CASE("a lock that does not fit its project is an error in the tool's own words") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto tool = GENERATE(backend::uv, backend::pdm, backend::poetry);
    INFO(to_string(tool));
    project_folder project{folder.path()};
    lock_old(host, project, tool);
    project.depend_on("packaging");
    environment_spec spec;
    spec.package_backend = tool;
    auto env = host.create(spec);
    auto message = refusal_of(env, project.source());
    INFO(message);
    CHECK(message.find("lock") != std::string::npos);
    CHECK(env.packages().empty());
    CHECK(test::names_in(env.host_path() / "tmp").empty());
}

TEST_CASE_METHOD(test::with_each_backend,
                 "a project without a lock is resolved, with the environment's other packages left alone") {
    project_folder project{folder.path()};
    auto before = project.contents();
    spec.project = project.source();
    spec.packages = {"idna==3.4"};
    auto env = host.create(spec);
    CHECK(version_of(env, "six") > "1.15");
    CHECK(version_of(env, "idna") == "3.4");
    CHECK(value_in_demo(env) == 42);
    CHECK(project.contents() == before);
}

TEST_CASE_METHOD(test::with_each_backend,
                 "a project is taken out again, though the folder that it was built from is gone") {
    {
        project_folder project{folder.path()};
        project.depend_on_nothing();
        spec.project = project.source();
        auto env = host.create(spec);
        std::filesystem::remove_all(project.path());
        CHECK(value_in_demo(env) == 42);
        CHECK(env.install({"six==1.16.0"}).installed == std::vector<installed_package>{{"six", "1.16.0"}});
        CHECK(env.uninstall({"six"}).removed == std::vector<installed_package>{{"six", "1.16.0"}});
        CHECK(version_of(env, "demo") == "1.0");
        CHECK(env.uninstall({"demo"}).removed == std::vector<installed_package>{{"demo", "1.0"}});
        CHECK(env.packages().empty());
    }
}

TEST_CASE_METHOD(test::with_each_backend,
                 "an application without a build system gets what it depends on, and no more") {
    for (const char* part : {"server", "migrations"})
        std::filesystem::create_directories(folder.path() / "app" / part);
    std::ofstream{folder.path() / "app/pyproject.toml"}
        << "[project]\nname = \"webapp\"\nversion = \"0\"\nrequires-python = \">=3.9\"\n"
        << "dependencies = [\"six==1.16.0\"]\n[project.optional-dependencies]\nmore = [\"idna\"]\n"
        << "[dependency-groups]\ntest = [\"iniconfig\"]\n";
    spec.project = {(folder.path() / "app").string(), {"more"}, {"test"}};
    auto env = host.create(spec);
    CHECK(version_of(env, "six") == "1.16.0");
    CHECK_FALSE(version_of(env, "idna").empty());
    CHECK_FALSE(version_of(env, "iniconfig").empty());
    CHECK(env.packages().size() == 3);
}

TEST_CASE_METHOD(test::with_each_backend,
                 "an unknown extra or group is an error with every backend, before anything runs") {
    project_folder project{folder.path()};
    auto env = host.create(spec);
    CHECK(refusal_of(env, {project.path().string(), {"moer"}, {}}).find("no extra moer") !=
          std::string::npos);
    CHECK(refusal_of(env, {project.path().string(), {}, {"tset"}}).find("no group tset") !=
          std::string::npos);
    CHECK(env.packages().empty());
}

TEST_CASE_METHOD(
    test::with_each_backend,
    "a project is built where it stands, with what is around it, and all of that stays as it was") {
    auto repository = folder.path() / "repository";
    auto write = [&](const std::string& name, const std::string& text) {
        std::filesystem::create_directories((repository / name).parent_path());
        std::ofstream{repository / name} << text;
    };
    std::filesystem::create_directories(repository / ".git");
    write("VERSION", "3.4");
    write("app/app.py", "value = 7\n");
    write("app/setup.py", "from setuptools import setup\n"
                          "setup(version=open('../VERSION').read(), py_modules=['app'])\n");
    write("app/pyproject.toml",
          "[project]\nname = \"app\"\ndynamic = [\"version\"]\nrequires-python = \">=3.10\"\n"
          "[build-system]\nrequires = [\"setuptools>=61\"]\n"
          "build-backend = \"setuptools.build_meta\"\n");
    auto state = [&] {
        std::map<std::filesystem::path, std::filesystem::file_time_type> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{repository})
            found[entry.path()] = entry.last_write_time();
        return found;
    };
    auto before = state();
    auto env = host.create(spec);
    install_request request;
    request.project = project_source{(repository / "app").string(), {}, {}};
    auto result = env.install(request);
    for (const auto& note : result.notes)
        WARN(note);
    if (!result.notes.empty())
        SKIP("no overlay can be mounted here");
    CHECK(version_of(env, "app") == "3.4");
    CHECK(env.execute("python -c 'import app; print(app.value)'").stdout_text == "7\n");
    CHECK(state() == before);
    CHECK(test::names_in(env.host_path() / "tmp").empty());
    CHECK_FALSE(std::filesystem::exists(env.host_path() / "overlays"));
    // Changed sources are built again, whatever the backend has kept.
    write("app/app.py", "value = 8\n");
    auto other = host.create(spec);
    other.install(request);
    CHECK(other.execute("python -c 'import app; print(app.value)'").stdout_text == "8\n");
}

TEST_CASE("what is no project, and what cannot be installed beside one, is refused before anything runs") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    project_folder project{folder.path()};
    auto env = host.create();
    CHECK(refusal_of(env, {(folder.path() / "nothing").string(), {}, {}}).find("no pyproject.toml") !=
          std::string::npos);
    CHECK(refusal_of(env, {project.path().string(), {"--index-url=x"}, {}}).find("no name of an extra") !=
          std::string::npos);
    CHECK(refusal_of(env, {project.path().string(), {}, {"../other"}}).find("no name of a group") !=
          std::string::npos);
    install_request both;
    both.project = project.source();
    both.packages = {"six"};
    CHECK_THROWS_AS(env.install(both), invalid_argument_exception);
}

TEST_CASE_METHOD(test::with_each_backend,
                 "packages are listed and taken out again, and those that are not there are named") {
    spec.packages = {"six==1.16.0", "iniconfig==2.0.0"};
    auto env = host.create(spec);
    CHECK(version_of(env, "six") == "1.16.0");
    auto result = env.uninstall({"Six", "no-such.package"});
    CHECK(result.removed == std::vector<installed_package>{{"six", "1.16.0"}});
    CHECK(result.missing == std::vector<std::string>{"no-such.package"});
    CHECK(result.installed.empty());
    CHECK(version_of(env, "six").empty());
    CHECK(version_of(env, "iniconfig") == "2.0.0");
    CHECK(env.info().packages == std::vector<std::string>{"iniconfig==2.0.0"});
    CHECK_THROWS_AS(env.uninstall({"iniconfig==2.0.0"}), invalid_argument_exception);
    CHECK_THROWS_AS(env.uninstall({"-r"}), invalid_argument_exception);
    CHECK_THROWS_AS(env.uninstall(std::vector<std::string>{}), invalid_argument_exception);
    CHECK(version_of(env, "iniconfig") == "2.0.0");
}

TEST_CASE("an environment with pip has the interpreter's own, which works in it") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    environment_spec spec;
    spec.with_pip = true;
    auto env = host.create(spec);
    auto result = env.execute("python -m pip list --format=freeze");
    CHECK(result.success());
    CHECK(result.stdout_text.find("pip==") != std::string::npos);
    auto place = env.execute("python -c 'import pip; print(pip.__file__)'").stdout_text;
    CHECK(place.starts_with(env.info().venv_path.string()));
}
