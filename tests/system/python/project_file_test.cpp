// SPDX-License-Identifier: MIT
// What a pyproject.toml says, and what a tool is asked for that it has not.
#include "system/python/backends/project.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/backends/wanted_distributions.hpp"
#include "system/python/installed_distributions.hpp"
#include "system/python/project_file.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace gestvenv::python;

using names = std::vector<std::string>;

namespace {

project_file parsed(const std::string& text) {
    auto made = parse_project_file(text, "pyproject.toml");
    if (!made)
        FAIL(made.error().message);
    return *made;
}

const std::string application =
    "[project]\nname = \"Web.App\"\nversion = \"0\"\ndependencies = [\"six==1.16.0\"]\n"
    "[project.optional-dependencies]\nall = [\"web_app[More_Of,none]\", \"toml\"]\n"
    "more-of = [\"idna\"]\n";

} // namespace

TEST_CASE(
    "a project without a build system is an application: what it depends on is all there is to install") {
    scratch_folder folder;
    auto project = parsed(application);
    CHECK(project.name == "Web.App");
    CHECK(is_application(project, folder.path()));
    CHECK(dependencies_of(project, {}) == names{"six==1.16.0"});
    CHECK(dependencies_of(project, {"all"}) == names{"six==1.16.0", "toml", "idna"});
    SECTION("it is none where something builds it all the same") {
        auto text = application +
                    GENERATE("[build-system]\nrequires = [\"hatchling\"]\n", "[tool.uv]\npackage = true\n",
                             "[tool.poetry]\npackage-mode = true\n", "[tool.pdm]\ndistribution = true\n");
        CHECK_FALSE(is_application(parsed(text), folder.path()));
    }
    SECTION("nor where a setup.py is there, or where what it depends on is not said") {
        CHECK_FALSE(
            is_application(parsed("[project]\nname = \"x\"\ndynamic = [\"dependencies\"]\n"), folder.path()));
        CHECK_FALSE(is_application(parsed("[tool.poetry]\nname = \"x\"\n"), folder.path()));
        CHECK_FALSE(is_application(parsed("[tool.poetry]\npackage-mode = false\n"), folder.path()));
        CHECK_FALSE(is_application(parsed("[tool.uv.workspace]\nmembers = []\n"), folder.path()));
        write_file(folder / "setup.py", "");
        CHECK_FALSE(is_application(project, folder.path()));
    }
}

TEST_CASE("a file without a description has its groups, unless another file describes the project") {
    scratch_folder folder;
    auto grouped = parsed("[dependency-groups]\ntest = [\"six\"]\n[tool.black]\nline-length = 100\n");
    CHECK(is_application(grouped, folder.path()));
    const auto* other = GENERATE("setup.py", "setup.cfg");
    write_file(folder / other, "");
    CHECK_FALSE(is_application(grouped, folder.path()));
}

TEST_CASE("a project that only poetry can read is refused to the others, with what helps") {
    scratch_folder folder;
    const project_source source{folder.path().string(), {}, {}};
    auto refusal = [&](const std::string& text) {
        auto made = check_described("uv", source, parsed(text));
        return made ? std::string{} : made.error().message + "; " + made.error().hint;
    };
    const std::string text =
        GENERATE("[tool.poetry]\nname = \"x\"\n", "[tool.poetry]\npackage-mode = false\n");
    CHECK(refusal(text).find("--backend poetry") != std::string::npos);
    CHECK(refusal(text + "[build-system]\nrequires = [\"poetry-core\"]\n").empty());
    CHECK(refusal(text + "[project]\nname = \"x\"\n").empty());
    CHECK(refusal("[tool.black]\nline-length = 100\n").empty());
    write_file(folder / "setup.py", "");
    CHECK(refusal(text).empty());
}

TEST_CASE("a folder is a project with a pyproject.toml or a setup.py, and the one around it is named") {
    scratch_folder folder;
    write_file(folder / "demo/pyproject.toml", "");
    write_file(folder / "demo/src/demo.py", "");
    write_file(folder / "old/setup.py", "");
    CHECK(check_project({(folder / "demo").string(), {}, {}}));
    CHECK(check_project({(folder / "old").string(), {}, {}}));
    auto inner = check_project({(folder / "demo/src").string(), {}, {}});
    REQUIRE_FALSE(inner);
    CHECK(inner.error().hint.ends_with("there is one in " + (folder / "demo").string()));
    auto file = check_project({(folder / "demo/pyproject.toml").string(), {}, {}});
    REQUIRE_FALSE(file);
    CHECK(file.error().hint.ends_with("there is one in " + (folder / "demo").string()));
}

TEST_CASE("the root of a workspace without a project of its own is refused, with what helps") {
    scratch_folder folder;
    const project_source source{folder.path().string(), {}, {}};
    const std::string root = "[tool.uv.workspace]\nmembers = [\"packages/*\"]\n";
    auto refused = check_no_bare_root(source, parsed(root));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().hint.find("uv lock") != std::string::npos);
    for (const char* own : {"[project]\nname = \"x\"\n", "[build-system]\nrequires = []\n"})
        CHECK(check_no_bare_root(source, parsed(root + own)));
    CHECK(check_no_bare_root(source, parsed("[dependency-groups]\n")));
    write_file(folder / GENERATE("setup.py", "setup.cfg"), "");
    CHECK(check_no_bare_root(source, parsed(root)));
}

TEST_CASE("a project whose path installers would read otherwise is named by a URL") {
    const outcome<project_file> demo = parsed("[project]\nname = \"demo\"\n");
    const outcome<project_file> none = failure(error_code::invalid_argument, "there is none");
    CHECK(with_extras("/a b/é", {}, demo) == "/a b/é");
    CHECK(with_extras("/a b/é", {"x", "y"}, none) == "/a b/é[x,y]");
    CHECK(with_extras("/a b/#1", {}, demo) == "demo @ file:///a%20b/%231");
    CHECK(with_extras("/c[1]/${X};é%", {"x", "y"}, demo) ==
          "demo[x,y] @ file:///c%5B1%5D/%24%7BX%7D%3B%C3%A9%25");
    CHECK(with_extras("/#1", {}, none) == "file:///%231");
    CHECK(with_extras("/#1", {}, outcome<project_file>{project_file{}}) == "file:///%231");
}

TEST_CASE("an extra or a group that a project does not have is refused, with what it has") {
    auto refusal = [](const std::string& text, const names& extras, const names& groups,
                      const char* tool = "tool.uv") {
        auto made = check_extras_and_groups({"/x", extras, groups}, parsed(text), tool);
        return made ? std::string{} : made.error().message + "; " + made.error().hint;
    };
    CHECK(refusal(application, {"ALL", "more.of"}, {}).empty());
    CHECK(refusal(application, {"mor-of"}, {}) == "the project has no extra mor-of; did you mean more-of?");
    CHECK(refusal(application, {"z"}, {}) == "the project has no extra z; it has all, more-of");
    CHECK(refusal(application, {}, {"test"}) == "the project has no group test; it has none");
    const std::string grouped =
        "[dependency-groups]\ntest = []\n[tool.pdm.dev-dependencies]\nlint = []\n"
        "[tool.poetry]\nname = \"x\"\n[tool.poetry.group.docs]\n[tool.poetry.extras]\nmore = []\n"
        "[tool.uv]\ndev-dependencies = []\n";
    CHECK(refusal(grouped, {"more"}, {"test"}).empty());
    CHECK(refusal(grouped, {}, {"dev"}).empty());
    CHECK(refusal(grouped, {}, {"Lint"}, "tool.pdm").empty());
    CHECK(refusal(grouped, {}, {"docs"}, "tool.poetry").empty());
    CHECK_FALSE(refusal(grouped, {}, {"docs"}, "tool.pip").empty());
    CHECK_FALSE(refusal(grouped, {"less"}, {}).empty());
    // Where something else than the file says them, nothing is known.
    CHECK(refusal("[project]\nname = \"x\"\ndynamic = [\"optional-dependencies\"]\n", {"any"}, {}).empty());
    CHECK(refusal("[build-system]\nrequires = []\n", {"any"}, {}).empty());
}

TEST_CASE("a file that is no TOML is an error and not a project") {
    CHECK_FALSE(parse_project_file("[project\n", "pyproject.toml"));
    CHECK_FALSE(parse_project_file("a = " + std::string(100, '[') + std::string(100, ']'), "pyproject.toml"));
    auto odd = parsed("project = 1\n[dependency-groups]\n[tool]\nuv = \"x\"\npoetry = []\n");
    CHECK(odd.name.empty());
    CHECK_FALSE(odd.is_described);
}

TEST_CASE("what an application depends on has to be there afterwards, where nothing else decides on it") {
    scratch_folder folder;
    backend_request request;
    request.project = {(folder / "root/app").string(), {"all"}, {}};
    auto wanted = [&](const std::string& text) {
        write_file(folder / "root/app/pyproject.toml", text);
        return wanted_distributions(*find_backend(backend::uv).value(), request);
    };
    CHECK(wanted(application) == names{"six", "toml", "idna"});
    CHECK(wanted("[project]\nname = \"x\"\ndependencies = [\"six ; python_version < '4'\", \"Toml>1\", "
                 "\"X\"]\n") == names{"Toml"});
    CHECK(wanted(application +
                 GENERATE("[tool.uv]\noverride-dependencies = [\"Six; python_version < '3'\"]\n",
                          "[tool.uv]\nexclude-dependencies = [\"six\"]\n",
                          "[tool.pdm.resolution]\nexcludes = [\"six\"]\n",
                          "[tool.uv.sources]\nsix = { workspace = true }\n",
                          "[tool.uv.sources]\nsix = [{ path = \"../six\" }]\n")) == names{"toml", "idna"});
    CHECK(wanted(application + "[tool.uv.sources]\nsix = { index = \"own\" }\n").size() == 3);
    write_file(folder / "root/pyproject.toml",
               "[tool.uv]\nexclude-dependencies = [\"six\"]\n[tool.uv.workspace]\nmembers = [\"app\"]\n");
    CHECK(wanted(application) == names{"toml", "idna"});
    CHECK(wanted(application + "[build-system]\n") == names{"Web.App"});
}

TEST_CASE("what uv's variables leave out does not have to be there") {
    scratch_folder folder;
    backend_request request;
    request.working_folder = folder / "work";
    for (const char* name : {"six", "Toml", "idna"})
        request.packages.push_back(parse_requirement(name).value());
    write_file(folder / "work/a.txt", "six ; python_version < '3'\n");
    write_file(folder / "b.txt", "# two\ntoml==1 ; python_version < '3'\nidna==3\n");
    auto wanted = [&](backend tool) { return wanted_distributions(*find_backend(tool).value(), request); };
    request.variables = {{"UV_OVERRIDE", "a.txt " + (folder / "b.txt").string() + " absent.txt"}};
    CHECK(wanted(backend::uv) == names{"idna"});
    CHECK(wanted(backend::pip) == names{"six", "Toml", "idna"});
    request.variables = {{"UV_EXCLUDE", "../b.txt"}};
    CHECK(wanted(backend::uv) == names{"six"});
}

TEST_CASE("what is installed is found by its metadata, under any spelling of its name") {
    scratch_folder scratch;
    CHECK_FALSE(installed_distributions(scratch / "nowhere"));
    const auto packages = scratch / "env/lib/python3.11/site-packages";
    for (const char* entry :
         {"six-1.16.0.dist-info/METADATA", "zope.interface-6.0.dist-info/METADATA",
          "old_one-1.0-py3.11.egg-info/PKG-INFO", "bare.egg-info/PKG-INFO", "not/METADATA"})
        write_file(packages / entry, "");
    write_file(packages / "linked-one.egg-link", "/somewhere");
    auto there = installed_distributions(scratch / "env");
    REQUIRE(there);
    CHECK(*there == std::set<std::string>{"bare", "linked-one", "old-one", "six", "zope-interface"});
    CHECK(missing_distributions({"SIX", "Zope_Interface", "Old.One", "requests", "requests"}, *there) ==
          names{"requests"});
}

TEST_CASE("the extras of what was installed from a folder are those of its metadata") {
    scratch_folder scratch;
    const auto packages = scratch / "env/lib/python3.11/site-packages";
    const auto folder = scratch / "my project";
    auto url = "file://" + folder.string();
    url.replace(url.find(' '), 1, "%20");
    write_file(packages / "other-1.dist-info/METADATA", "Name: other\nProvides-Extra: wrong\n\n");
    CHECK_FALSE(extras_installed_from(folder, scratch / "env"));
    write_file(packages / "mine-1.dist-info/METADATA",
               "Metadata-Version: 2.1\r\nName: mine\r\nProvides-Extra: one\nProvides-Extra: "
               "two-b\n\nProvides-Extra: text\n");
    write_file(packages / "mine-1.dist-info/direct_url.json", R"({"dir_info": {}, "url": ")" + url + R"("})");
    CHECK(extras_installed_from(folder, scratch / "env") == names{"one", "two-b"});
    write_file(folder / "setup.cfg", "");
    CHECK(check_extras_of_installed({folder.string(), {"two_b"}, {}}, scratch / "env"));
    auto unknown = check_extras_of_installed({folder.string(), {"two-b", "onee"}, {}}, scratch / "env");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == error_code::invalid_argument);
    CHECK(unknown.error().message == "the project has no extra onee");
    CHECK(unknown.error().hint == "did you mean one?");
}
