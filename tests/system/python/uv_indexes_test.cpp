// SPDX-License-Identifier: MIT
// Which of pip's index settings hold beside what uv finds in files of its own.
#include "system/python/backends/uv_configuration.hpp"
#include "system/python/backends/uv_indexes.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace gestvenv::python;

namespace fs = std::filesystem;

namespace {

// A user of pip with an index of the company's.
struct pip_user {
    scratch_folder scratch;
    backend_request request;

    pip_user() {
        request.working_folder = scratch / "work";
        fs::create_directories(request.working_folder);
        request.variables = {{"HOME", (scratch / "home").string()},
                             {"PIP_INDEX_URL", "https://pip.example/simple"},
                             {"PIP_EXTRA_INDEX_URL", "https://more.example/simple"},
                             {"PIP_FIND_LINKS", "/wheels"},
                             {"PIP_NO_INDEX", "1"},
                             {"PIP_CERT", "/own.pem"}};
    }
    pip_settings settings() const { return pip_settings_beside_uv(request, scratch / "etc"); }
    bool has_index() const { return !settings().index_url.empty(); }
    bool has_further() const { return !settings().extra_index_urls.empty(); }
    void in_project(const std::string& text) {
        write_file(scratch / "work/pyproject.toml", "[project]\nname = \"demo\"\n" + text);
        request.project = {request.working_folder.string(), {}, {}};
    }
};

} // namespace

TEST_CASE_METHOD(pip_user, "pip's index holds where nothing nearer names one") {
    CHECK(has_index());
    CHECK(has_further());
    in_project("[tool.uv]\ndev-dependencies = []\n");
    CHECK(has_index());
    CHECK(has_further());
    in_project("[[tool.uv.index]]\nurl = \"https://own.example\"\nexplicit = true\n");
    CHECK(has_index());
    CHECK(has_further());
}

TEST_CASE_METHOD(pip_user, "an index that a project has in place of PyPI stays, and pip's are not added") {
    in_project(GENERATE("[[tool.uv.index]]\nurl = \"https://own.example\"\ndefault = true\n",
                        "[tool.uv]\nindex-url = \"https://own.example\"\n",
                        "[tool.uv.pip]\nindex-url = \"https://own.example\"\n"));
    auto left = settings();
    pip_settings expected;
    expected.certificates = "/own.pem";
    CHECK(left == expected);
    request.variables["UV_NO_CONFIG"] = "1";
    CHECK(has_index());
}

TEST_CASE_METHOD(pip_user, "of a project with further indexes pip's replace PyPI alone") {
    in_project(GENERATE("[[tool.uv.index]]\nurl = \"https://own.example\"\n",
                        "[tool.uv]\nextra-index-url = [\"https://own.example\"]\n"));
    CHECK(has_index());
    CHECK_FALSE(has_further());
}

TEST_CASE_METHOD(pip_user, "the uv.toml around the working folder counts, and one of the user's") {
    request.working_folder = scratch / "work/inner";
    fs::create_directories(request.working_folder);
    CHECK(has_index());
    write_file(scratch / GENERATE("work/uv.toml", "home/.config/uv/uv.toml"),
               "index-url = \"https://own.example\"\n");
    CHECK_FALSE(has_index());
}

TEST_CASE_METHOD(pip_user, "a member of a workspace has the settings of its root") {
    write_file(scratch / "work/pyproject.toml",
               "[tool.uv]\nindex-url = \"https://own.example\"\n[tool.uv.workspace]\nmembers = [\"a\"]\n");
    write_file(scratch / "work/a/pyproject.toml",
               "[project]\nname = \"a\"\n[tool.uv.sources]\nb = { workspace = true }\n");
    request.project = {(scratch / "work/a").string(), {}, {}};
    CHECK_FALSE(has_index());
}

TEST_CASE_METHOD(pip_user, "an index that a requirements file names stays, as pip has it") {
    const auto file = scratch / "work/r.txt";
    const auto write = [&](const std::string& text) {
        write_file(file, text);
        auto summary = summarize_requirements({file}, request.working_folder, request.variables);
        REQUIRE(summary);
        request.summary = std::move(*summary);
    };
    const std::string line =
        GENERATE("-i https://own.example", "-ihttps://own.example", "--index-url https://own.example",
                 "--index-url=https://own.example", "-r inner/s.txt", "--requirement=inner/s.txt");
    CAPTURE(line);
    write_file(scratch / "work/inner/s.txt", "six\n -i \\\n https://own.example # ours\n");
    write("# -i\nsix\n" + line + "\n");
    CHECK_FALSE(has_index());
    CHECK_FALSE(has_further());
    CHECK(settings().find_links == std::vector<std::string>{"/wheels"});
    CHECK(settings().no_index);
    write("six\n--extra-index-url https://own.example\n# -i x\n-i\n");
    CHECK(has_index());
    CHECK(has_further());
}

TEST_CASE_METHOD(pip_user, "beside a lock nothing is left of pip's indexes but accounts for those it names") {
    in_project("[[tool.uv.index]]\nurl = \"https://pip.example/simple\"\ndefault = true\n");
    write_file(scratch / "work/uv.lock",
               "[[package]]\nname = \"a\"\nsource = { registry = \"https://pip.example/simple\" }\n"
               "[[package]]\nname = \"b\"\nsource = { registry = \"https://more.example:8/s/\" }\n");
    pip_settings expected;
    expected.certificates = "/own.pem";
    CHECK(settings() == expected);
    request.variables["PIP_INDEX_URL"] = "https://me:p%40ss@pip.example/simple/";
    request.variables["PIP_EXTRA_INDEX_URL"] =
        "https://you@more.example:8/s https://me:x@other.example/simple";
    expected.extra_index_urls = {"https://me:p%40ss@pip.example/simple", "https://you@more.example:8/s/"};
    CHECK(settings() == expected);
}
