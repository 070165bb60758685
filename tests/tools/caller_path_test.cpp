// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/caller_path.hpp"

#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>

using namespace gestvenv;
using namespace gestvenv::cli;

namespace {

namespace files = std::filesystem;

struct machine {
    test::temporary_folder folder;
    files::path home = folder.path() / "home";

    std::string make_folder(const std::string& name) {
        files::create_directories(folder.path() / name);
        return (folder.path() / name).string();
    }
    void write(const std::string& name, const std::string& content) {
        auto path = folder.path() / name;
        files::create_directories(path.parent_path());
        std::ofstream{path} << content;
        files::permissions(path, files::perms::owner_all);
    }
    std::string make_virtual_environment(const std::string& name) {
        write(name + "/pyvenv.cfg", "home = /usr/bin\n");
        return make_folder(name + "/bin");
    }
    std::string path(const std::string& callers, variable_map others = {}) {
        others["PATH"] = callers;
        return path_for_command(others, folder.path());
    }
};

} // namespace

TEST_CASE_METHOD(machine, "a command has the caller's PATH, in its order, with empty and relative entries") {
    CHECK(path("/usr/bin:/opt/x:/bin") == "/usr/bin:/opt/x:/bin");
    CHECK(path("/usr/bin::bin") == "/usr/bin::bin");
    CHECK(path(":/usr/bin:") == ":/usr/bin:");
}

TEST_CASE_METHOD(machine, "without a PATH there is the system's usual one") {
    CHECK(path("").find("/usr/bin:") != std::string::npos);
    CHECK(path_for_command({}, "/").find("/usr/bin:") != std::string::npos);
    CHECK(path(make_virtual_environment("only")).find("/usr/bin:") != std::string::npos);
}

TEST_CASE_METHOD(machine, "programs of virtual environments are not found, active or not") {
    auto venv = make_virtual_environment("venv");
    CHECK(path(venv + ":/usr/bin") == "/usr/bin");
    CHECK(path(venv + "/:/usr/bin") == "/usr/bin");
    CHECK(path("/usr/bin:venv/bin") == "/usr/bin"); // relative, from the working folder
    files::create_symlink(venv, folder.path() / "link");
    CHECK(path((folder.path() / "link").string() + ":/usr/bin") == "/usr/bin");
    CHECK(path("/gone/bin:/usr/bin", {{"VIRTUAL_ENV", "/gone"}}) == "/usr/bin");
}

TEST_CASE_METHOD(machine, "programs of an active conda environment are not found, conda itself is") {
    variable_map active{{"CONDA_PREFIX", "/opt/conda/envs/a"}, {"CONDA_PREFIX_1", "/opt/conda"}};
    CHECK(path("/opt/conda/envs/a/bin:/opt/conda/bin:/opt/conda/condabin:/usr/bin", active) ==
          "/opt/conda/condabin:/usr/bin");
    CHECK(path("/opt/conda/bin:/usr/bin") == "/opt/conda/bin:/usr/bin"); // an image without activation
}

TEST_CASE_METHOD(machine, "managers of toolchains on that PATH are told where their files are") {
    auto at = [this](const std::string& name) { return (home / name).string(); };
    CHECK(toolchain_variables({}, home, "/usr/bin").empty());
    CHECK(toolchain_variables({}, home, at(".pyenv/shims") + ":/usr/bin") ==
          variable_map{{"PYENV_ROOT", at(".pyenv")}});
    CHECK(toolchain_variables({{"PYENV_ROOT", "/opt/pyenv"}, {"PYENV_VERSION", "3.12"}}, home,
                              "/opt/pyenv/shims") ==
          variable_map{{"PYENV_ROOT", "/opt/pyenv"}, {"PYENV_VERSION", "3.12"}});
    CHECK(toolchain_variables({}, home, at(".nvm/versions/node/v20/bin")) ==
          variable_map{{"NVM_DIR", at(".nvm")}});
    CHECK(toolchain_variables({}, home, at(".cargo/bin")) == variable_map{{"CARGO_HOME", at(".cargo")}});
    files::create_directories(home / ".rustup");
    const variable_map rust{{"CARGO_HOME", at(".cargo")}, {"RUSTUP_HOME", at(".rustup")}};
    CHECK(toolchain_variables({}, home, at(".cargo/bin")) == rust);
    CHECK(toolchain_variables({}, home, "/usr/bin-without-rustup").empty());
    write("distribution/rustup", "");
    CHECK(toolchain_variables({}, home, (folder.path() / "distribution").string()) == rust);
}

TEST_CASE("a script of another Python's is known by the path in its first lines") {
    CHECK(python_named_by("#!/usr/bin/python3\nimport re\n") == "/usr/bin/python3");
    CHECK(python_named_by("#! /opt/py/bin/python3.12 -E\n") == "/opt/py/bin/python3.12");
    CHECK(python_named_by("#!/bin/sh\n'''exec' \"/a b/bin/python\" \"$0\" \"$@\"\n' '''\n") ==
          "/a b/bin/python");
    CHECK(python_named_by("#!/bin/sh\n'''exec' /long/bin/python3 \"$0\" \"$@\"\n' '''\n") ==
          "/long/bin/python3");
    // These find the environment's.
    CHECK_FALSE(python_named_by("#!/usr/bin/env python3\n"));
    CHECK_FALSE(python_named_by("#!/bin/sh\nexec python3 x\n"));
    CHECK_FALSE(python_named_by("\x7f"
                                "ELF"));
    CHECK_FALSE(python_named_by(""));
}

TEST_CASE_METHOD(machine, "an outer script is what PATH finds first") {
    write("one/tool", "#!/bin/sh\n");
    write("two/tool", "#!/usr/bin/python3\n");
    write("two/other", "#!/usr/bin/python3\n");
    auto at = [this](const char* name) { return (folder.path() / name).string(); };
    python::search_context context;
    auto find = [&](const char* program, const std::string& path) {
        return find_outer_script(program, path, folder.path(), context);
    };
    CHECK_FALSE(find("tool", at("one") + ":" + at("two")));
    REQUIRE(find("other", at("one") + ":" + at("two")));
    CHECK(find("other", at("one") + ":" + at("two"))->file == folder.path() / "two/other");
    REQUIRE(find("tool", "two:one")); // relative to the working folder
    CHECK(find("tool", "two:one")->interpreter == "/usr/bin/python3");
    CHECK_FALSE(find("absent", at("one")));
}
