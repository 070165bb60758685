// SPDX-License-Identifier: MIT
// Which interpreter a request means, in folders of the test's own.
#include "system/python/installed_interpreters.hpp"
#include "system/python/interpreter_search.hpp"
#include "system/python/pyenv.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace gestvenv::python;

namespace fs = std::filesystem;

namespace {

// A machine with a system python3 (3.11), pyenv (3.12.1, 3.12.10, 3.13.0) with shims first on PATH, and
// uv's 3.12.4.
struct machine {
    scratch_folder scratch;
    search_context context;

    machine() {
        auto bin = scratch / "usr/bin";
        write_fake_interpreter(bin / "python3.11");
        fs::create_symlink("python3.11", bin / "python3");
        context.home = scratch / "home";
        context.pyenv_root = scratch / "pyenv";
        context.uv_python_folder = scratch / "uv";
        context.working_folder = scratch / "home/project";
        fs::create_directories(context.working_folder);
        for (const char* version : {"3.12.1", "3.12.10", "3.13.0"})
            add_pyenv(version);
        for (const char* name : {"python", "python3", "python3.12"})
            write_file(context.pyenv_root / "shims" / name, "#!/usr/bin/env bash\nexec pyenv exec\n", true);
        write_file(context.pyenv_root / "version", "3.12.1\n");
        write_fake_interpreter(context.uv_python_folder / "cpython-3.12.4-linux-x86_64-gnu/bin/python3.12");
        write_fake_interpreter(context.uv_python_folder / "cpython-3.14.0+freethreaded-linux/bin/python3.14");
        context.path = {context.pyenv_root / "shims", bin};
        context.system_folders = {bin};
        context.system_python = bin / "python3";
    }

    void add_pyenv(const std::string& version) {
        auto bin = context.pyenv_root / "versions" / version / "bin";
        auto name = "python" + version.substr(0, version.rfind('.'));
        write_fake_interpreter(bin / name);
        fs::create_symlink(name, bin / "python");
        fs::create_symlink(name, bin / "python3");
    }
    fs::path pyenv_python(const std::string& version) const {
        return context.pyenv_root / "versions" / version / "bin/python";
    }

    // Chooses as the runtime does; an interpreter is probed by looking it up in `exact`.
    outcome<fs::path> choose(const interpreter_request& request,
                             const std::map<fs::path, interpreter_version>& exact = {},
                             int* probes = nullptr) {
        auto candidates = find_interpreters(request, context);
        if (!candidates)
            return failure(candidates.error());
        while (true) {
            auto choice = choose_interpreter(request, *candidates);
            if (!choice)
                return failure(choice.error());
            auto& candidate = (*candidates)[choice->candidate];
            if (choice->settled)
                return candidate.executable;
            if (probes)
                ++*probes;
            auto known = exact.find(candidate.executable);
            if (known != exact.end())
                candidate.version = known->second;
            else
                candidate.unusable = true;
        }
    }
    fs::path chosen(const interpreter_request& request,
                    const std::map<fs::path, interpreter_version>& exact = {}, int* probes = nullptr) {
        auto path = choose(request, exact, probes);
        if (!path)
            FAIL(path.error().message);
        return *path;
    }
    error_code refused(const interpreter_request& request) {
        auto path = choose(request);
        REQUIRE_FALSE(path);
        return path.error().code;
    }
};

interpreter_request wanting(const std::string& text) {
    return {text, {}};
}

} // namespace

TEST_CASE_METHOD(machine, "3.12 is the newest installed 3.12, by number and not by letter, and no shim") {
    CHECK(chosen(wanting("3.12")) == pyenv_python("3.12.10"));
}

TEST_CASE_METHOD(machine, "an exact version is that version, wherever it is") {
    CHECK(chosen(wanting("3.12.1")) == pyenv_python("3.12.1"));
    CHECK(chosen(wanting("3.12.4")).parent_path().parent_path().parent_path() == context.uv_python_folder);
}

TEST_CASE_METHOD(machine, "an interpreter whose patch is not known is probed only where that decides") {
    int probes = 0;
    CHECK(chosen(wanting("3.11"), {}, &probes) == context.system_python);
    CHECK(probes == 0);
    add_pyenv("3.11.7");
    CHECK(chosen(wanting("3.11"), {{context.system_python, {3, 11, 2}}}, &probes) == pyenv_python("3.11.7"));
    CHECK(probes == 1);
    CHECK(chosen(wanting("3.11"), {{context.system_python, {3, 11, 9}}}, &probes) == context.system_python);
    CHECK(chosen(wanting("3.11.2"), {{context.system_python, {3, 11, 2}}}) == context.system_python);
    CHECK(chosen(wanting("3.11.7"), {{context.system_python, {3, 11, 2}}}) == pyenv_python("3.11.7"));
}

TEST_CASE_METHOD(machine, "an interpreter that fails its probe is passed over") {
    add_pyenv("3.11.7");
    CHECK(chosen(wanting("3.11"), {}) == pyenv_python("3.11.7"));
}

TEST_CASE_METHOD(machine,
                 "without a version it is the newest that fits the default, else the system's python3") {
    CHECK(chosen({{}, {}}) == context.system_python);
    CHECK(chosen({{}, "3.12"}) == pyenv_python("3.12.10"));
    CHECK(chosen({{}, "3.12.1"}) == pyenv_python("3.12.1"));
    CHECK(chosen({{}, "3.9"}) == context.system_python);
    CHECK(chosen({{}, "3.11.99"}, {{context.system_python, {3, 11, 2}}}) == context.system_python);
}

TEST_CASE_METHOD(machine, "without a system python3 and a default it is the newest there is") {
    fs::remove(context.system_python);
    fs::remove(context.system_python.parent_path() / "python3.11");
    CHECK(chosen({{}, {}}) == pyenv_python("3.13.0"));
}

TEST_CASE_METHOD(machine,
                 "a version that is not installed is an error that lists what there is and how to get it") {
    auto found = find_interpreters(wanting("3.9"), context);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == error_code::interpreter_not_found);
    for (const char* version : {"3.13.0", "3.12.10", "3.12.1", "3.12.4", "3.11"})
        CHECK(found.error().message.find(version) != std::string::npos);
    CHECK(found.error().hint.find("pyenv install 3.9") != std::string::npos);
    CHECK(refused(wanting("3.12.99")) == error_code::interpreter_not_found);
    CHECK(refused(wanting("3.11.99")) == error_code::interpreter_not_found);
    CHECK(refused(wanting("2.7")) == error_code::interpreter_not_found);
}

TEST_CASE_METHOD(machine, "what is neither a version nor a path is refused") {
    for (const char* text : {"", "2", "three", "3.12.1.2", "-3.12", "3.12 ", "3.99999999999", "python3.12",
                             "3.x", ">=x", ">="}) {
        INFO(text);
        CHECK(refused(wanting(text)) == error_code::invalid_argument);
    }
}

TEST_CASE_METHOD(machine, "a range takes the default that fits, else the preferred one, else the newest") {
    CHECK(chosen(wanting(">=3.8")) == context.system_python);
    CHECK(chosen(wanting("3")) == context.system_python);
    CHECK(chosen(wanting(">=3.12")) == pyenv_python("3.13.0"));
    CHECK(chosen(wanting(">=3.12,<3.13")) == pyenv_python("3.12.10"));
    CHECK(chosen({">=3.8", "3.12"}) == pyenv_python("3.12.10"));
    CHECK(chosen({">=3.13", "3.12"}) == pyenv_python("3.13.0"));
    context.preferred_python = pyenv_python("3.12.1");
    CHECK(chosen(wanting(">=3.8")) == pyenv_python("3.12.1"));
    CHECK(chosen(wanting(">=3.12.2")) == pyenv_python("3.13.0"));
}

TEST_CASE_METHOD(machine, "a range is settled by a probe where the last number decides") {
    int probes = 0;
    CHECK(chosen(wanting(">=3.11.2,<3.12"), {{context.system_python, {3, 11, 2}}}, &probes) ==
          context.system_python);
    CHECK(probes == 1);
    auto none = choose(wanting(">=3.11.9,<3.12"), {{context.system_python, {3, 11, 2}}});
    REQUIRE_FALSE(none);
    CHECK(none.error().hint.find("--python") != std::string::npos);
}

TEST_CASE_METHOD(machine, "a range that nothing fits lists what there is, and names --python") {
    auto found = find_interpreters(wanting(">=3.20"), context);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == error_code::interpreter_not_found);
    CHECK(found.error().message.find(">=3.20") != std::string::npos);
    CHECK(found.error().message.find("3.13.0") != std::string::npos);
    CHECK(found.error().hint.find("--python") != std::string::npos);
}

TEST_CASE_METHOD(machine, "a range takes a preview only where nothing else fits") {
    add_pyenv("3.14.0rc1");
    CHECK(chosen(wanting(">=3.12")) == pyenv_python("3.13.0"));
    CHECK(chosen(wanting(">=3.14")) == pyenv_python("3.14.0rc1"));
}

TEST_CASE_METHOD(machine, "the preferred interpreter comes before the system's where none is asked for") {
    context.preferred_python = pyenv_python("3.12.1");
    CHECK(chosen({{}, {}}) == pyenv_python("3.12.1"));
    CHECK(chosen({{}, "3.13"}) == pyenv_python("3.13.0"));
    CHECK(chosen({{}, "3.9"}) == pyenv_python("3.12.1"));
    REQUIRE(preferred_interpreter({}, context));
    CHECK(preferred_interpreter({}, context)->executable == pyenv_python("3.12.1"));
    CHECK(preferred_interpreter(wanting(">=3.12"), context));
    CHECK_FALSE(preferred_interpreter(wanting(">=3.13"), context));
    CHECK_FALSE(preferred_interpreter(wanting("3.12"), context));
    CHECK_FALSE(preferred_interpreter({{}, "3.13"}, context));
    context.preferred_python.clear();
    CHECK(preferred_interpreter({}, context)->executable == context.system_python);
}

TEST_CASE_METHOD(machine, "the configured default may be a path") {
    CHECK(chosen({{}, pyenv_python("3.13.0").string()}) == pyenv_python("3.13.0"));
}

TEST_CASE_METHOD(machine, "python3 of PATH is the first one, a shim being what pyenv would run") {
    CHECK(first_on_path(context) == pyenv_python("3.12.1").parent_path() / "python3");
    write_file(context.working_folder / ".python-version", "\xef\xbb\xbf"
                                                           "3.13\r\n");
    CHECK(first_on_path(context) == pyenv_python("3.13.0").parent_path() / "python3");
    context.pyenv_version = "system";
    CHECK(first_on_path(context) == context.system_python);
    context.path = {scratch / "nothing"};
    CHECK_FALSE(first_on_path(context));
}

TEST_CASE_METHOD(machine, "python3 of an active virtual environment is the one that it was made from") {
    auto python = [this] { return pyenv_python("3.13.0").parent_path(); };
    auto make_environment = [&](const fs::path& venv) {
        fs::create_directories(venv / "bin");
        fs::create_symlink(python() / "python3", venv / "bin/python3");
        write_file(venv / "pyvenv.cfg", "home = " + python().string() + "\n");
    };
    make_environment(scratch / "venv");
    context.path.insert(context.path.begin(), scratch / "venv/bin");
    CHECK(first_on_path(context) == python() / "python3");
    context.path.erase(context.path.begin());
    make_environment(context.pyenv_root / "versions/of-project"); // pyenv-virtualenv
    context.pyenv_version = "of-project";
    CHECK(first_on_path(context) == python() / "python3");
}

TEST_CASE_METHOD(machine, "a path is taken as given, relative to the working folder") {
    auto python = context.working_folder / "own/python";
    write_fake_interpreter(python);
    CHECK(chosen(wanting("./own/python")) == python);
    CHECK(chosen(wanting(python.string())) == python);
    CHECK(chosen(wanting((scratch / "usr/bin/python3").string())) == scratch / "usr/bin/python3");
}

TEST_CASE_METHOD(machine, "a path that is no program says what it is") {
    CHECK(refused(wanting("/nowhere/python")) == error_code::interpreter_not_found);
    CHECK(refused(wanting(scratch.path().string())) == error_code::interpreter_not_found);
    for (const char* folder : {"given/bin", "given/bin/"}) {
        write_file(scratch / "given/bin/python3", "");
        CAPTURE(folder);
        auto inside = find_interpreters(wanting((scratch / folder).string()), context);
        REQUIRE_FALSE(inside);
        CHECK(inside.error().hint.ends_with((scratch / "given/bin/python3").string()));
    }
    write_file(scratch / "text", "text");
    CHECK(refused(wanting((scratch / "text").string())) == error_code::interpreter_not_found);
}

TEST_CASE_METHOD(machine, "a shim given as a path is what pyenv would run") {
    auto shim = (context.pyenv_root / "shims/python3").string();
    CHECK(chosen(wanting(shim)) == pyenv_python("3.12.1").parent_path() / "python3");
    write_file(context.working_folder / ".python-version", "# ours\n3.13\n");
    CHECK(chosen(wanting(shim)) == pyenv_python("3.13.0").parent_path() / "python3");
    context.pyenv_version = "9.9.9:3.12.10";
    CHECK(chosen(wanting(shim)) == pyenv_python("3.12.10").parent_path() / "python3");
    context.pyenv_version = "system";
    CHECK(refused(wanting(shim)) == error_code::interpreter_not_found);
    context.pyenv_version = "../../usr";
    CHECK(refused(wanting(shim)) == error_code::interpreter_not_found);
}

TEST_CASE_METHOD(machine,
                 "an active virtual environment on PATH is left out for the interpreter it was made from") {
    auto other = scratch / "opt/python/bin";
    write_fake_interpreter(other / "python3.10");
    auto venv = scratch / "venv";
    fs::create_directories(venv / "bin");
    fs::create_symlink(other / "python3.10", venv / "bin/python3");
    write_file(venv / "pyvenv.cfg", "home = " + other.string() + "\nversion = 3.10.2\n");
    context.path.insert(context.path.begin(), venv / "bin");
    CHECK(chosen(wanting("3.10")) == other / "python3.10");
    fs::remove(venv / "bin/python3"); // one made with `venv --copies`
    write_fake_interpreter(venv / "bin/python3.10");
    CHECK(chosen(wanting("3.10")) == other / "python3.10");
}

TEST_CASE_METHOD(machine, "a link from elsewhere stands for its target, a link beside it for itself") {
    auto other = scratch / "opt/python/bin";
    write_fake_interpreter(other / "python3.10");
    auto local = scratch / "home/.local/bin";
    fs::create_directories(local);
    fs::create_symlink(other / "python3.10", local / "python3.10");
    context.path.push_back(local);
    CHECK(chosen(wanting("3.10")) == other / "python3.10");
    CHECK(chosen(wanting("3.11")) == scratch / "usr/bin/python3");
}

TEST_CASE_METHOD(machine, "scripts and multi-call programs called python3 are no interpreters") {
    auto folder = scratch / "wrappers";
    write_file(folder / "python3.9", "#!/bin/sh\nexec something\n", true);
    write_fake_interpreter(folder / "mise");
    fs::create_symlink("mise", folder / "python3.8");
    context.path.push_back(folder);
    CHECK(refused(wanting("3.9")) == error_code::interpreter_not_found);
    CHECK(refused(wanting("3.8")) == error_code::interpreter_not_found);
}

TEST_CASE_METHOD(machine, "every interpreter is listed once, newest first") {
    context.path.push_back(context.pyenv_root / "versions/3.12.1/bin");
    auto all = all_interpreters(context);
    std::vector<std::string> versions;
    for (const auto& candidate : all)
        versions.push_back(to_string(candidate.version.value()));
    CHECK(versions == std::vector<std::string>{"3.13.0", "3.12.10", "3.12.4", "3.12.1", "3.11"});
}

TEST_CASE("a machine without any interpreter says how to get one") {
    scratch_folder scratch;
    search_context context;
    context.working_folder = scratch.path();
    auto found = find_interpreters({}, context);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == error_code::interpreter_not_found);
    CHECK_FALSE(found.error().hint.empty());
}

TEST_CASE("the interpreters of this machine are found in a few milliseconds, shims left out", "[machine]") {
    auto context = search_context_from_process();
    auto begin = std::chrono::steady_clock::now();
    auto all = all_interpreters(context);
    auto took = std::chrono::steady_clock::now() - begin;
    CHECK(took < std::chrono::milliseconds{100}); // one shim alone would take 180
    for (const auto& candidate : all) {
        INFO(candidate.executable.string());
        CHECK(candidate.executable.is_absolute());
        CHECK_FALSE(is_pyenv_shim(candidate.executable, context));
    }
    for (const auto& known : known_interpreters()) {
        std::error_code ignored;
        auto is_known = [&](const auto& candidate) {
            return fs::equivalent(candidate.executable, known.executable, ignored);
        };
        INFO(known.executable.string());
        if (fs::exists(known.executable))
            CHECK(std::any_of(all.begin(), all.end(), is_known));
    }
}

TEST_CASE("relative and empty entries of PATH and relative folders of XDG are left out") {
    auto context = make_search_context({{"PATH", ":bin:/usr/bin::/opt/x"},
                                        {"HOME", "/home/u"},
                                        {"XDG_DATA_HOME", "data"},
                                        {"PYENV_ROOT", "/p"}},
                                       "/project");
    CHECK(context.path == std::vector<fs::path>{"/usr/bin", "/opt/x"});
    CHECK(context.data_home == "/home/u/.local/share");
    CHECK(context.uv_python_folder == "/home/u/.local/share/uv/python");
    CHECK(context.pyenv_root == "/p");
}
