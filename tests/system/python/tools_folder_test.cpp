// SPDX-License-Identifier: MIT
// Where uv and pip are found.
#include "system/python/tools_folder.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace gestvenv::python;

namespace fs = std::filesystem;

namespace {

struct tools_machine {
    scratch_folder scratch;
    search_context context;

    tools_machine() {
        context.data_home = scratch / "data";
        context.pyenv_root = scratch / "pyenv";
        context.working_folder = scratch / "work";
        context.path = {scratch / "pyenv/shims", scratch / "bin"};
    }
    fs::path add(const std::string& file, const std::string& content = "#!/bin/sh\n") {
        write_file(scratch / file, content, true);
        return scratch / file;
    }
    fs::path found(const std::string& tool, const fs::path& explicit_folder = {}) {
        auto path = find_tool(find_tools_folder(context, explicit_folder), tool);
        return path ? *path : fs::path{"error: " + path.error().message};
    }
};

} // namespace

TEST_CASE_METHOD(tools_machine, "the tools folder comes before PATH") {
    auto on_path = add("bin/uv");
    CHECK(found("uv") == on_path);
    auto own = add("data/gestvenv/tools/bin/uv");
    CHECK(found("uv") == own);
}

TEST_CASE_METHOD(tools_machine, "GESTVENV_TOOLS replaces the default folder, an explicit one both") {
    add("data/gestvenv/tools/bin/uv");
    auto named = add("named/bin/uv");
    auto explicit_one = add("work/explicit/bin/uv");
    context.tools_folder = scratch / "named";
    CHECK(found("uv") == named);
    CHECK(found("uv", "explicit") == explicit_one);
}

TEST_CASE_METHOD(tools_machine, "a shim of pyenv is the tool of the version chosen, or passed over") {
    add("pyenv/shims/pip", "#!/usr/bin/env bash\nexec pyenv exec\n");
    auto on_path = add("bin/pip");
    CHECK(found("pip") == on_path);
    auto real = add("pyenv/versions/3.12.1/bin/pip");
    CHECK(found("pip") == on_path); // no version is chosen
    write_file(context.pyenv_root / "version", "3.12.1\n");
    CHECK(found("pip") == real);
}

TEST_CASE_METHOD(tools_machine, "a missing tool is an error with the commands that supply it") {
    write_file(scratch / "bin/uv", "not executable");
    auto path = find_tool(find_tools_folder(context), "uv");
    REQUIRE_FALSE(path);
    CHECK(path.error().code == error_code::backend_not_found);
    CHECK(path.error().hint.find("bin/pip install uv") != std::string::npos);
}
