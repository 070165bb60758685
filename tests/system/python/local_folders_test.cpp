// SPDX-License-Identifier: MIT
// Which folders of this machine an installation builds, and over what their overlays are laid.
#include "system/python/backends/build_overlays.hpp"
#include "system/python/backends/enclosing_folders.hpp"
#include "system/python/backends/local_folders.hpp"
#include "system/python/uv_workspace.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::python;
using test::requirements;
using test::write_file;
namespace fs = std::filesystem;

namespace {

// A repository with an application, a library beside it, and a plain folder.
struct repository {
    test::scratch_folder scratch;
    fs::path top = fs::canonical(scratch.path()) / "repository";

    repository() {
        fs::create_directories(top / ".git");
        write_file(top / "app/pyproject.toml", "[project]\nname = \"app\"\n[tool.uv.sources]\n"
                                               "lib = { path = \"../lib\", editable = true }\n");
        write_file(top / "lib/pyproject.toml", "[project]\nname = \"lib\"\n");
        write_file(top / "plain/notes.txt", "");
    }

    backend_request request(const fs::path& folder) const {
        backend_request wanted;
        wanted.project = {folder.string(), {}, {}};
        return wanted;
    }

    build_overlays plan(const local_folders& folders, const fs::path& home = "/nowhere") const {
        return plan_overlays(folders, {home, {top / "cache"}, "/storage/overlays/1"});
    }
};

std::vector<std::string> candidates_of(const build_overlays& plan, const fs::path& folder) {
    for (const auto& item : plan.wish.folders)
        if (item.folder == folder.string())
            return item.candidates;
    return {};
}

using paths = std::vector<fs::path>;
using texts = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(repository, "folders are found as pyproject.toml and the locks of three tools name them") {
    const paths lib{top / "lib"};
    for (const char* text : {"lib = { path = \"../lib\" }", "lib = {path='../lib', develop = true}",
                             "source = { directory = \"../lib\" }", "source = { editable = \"../lib\" }",
                             "type = \"directory\"\nurl = \"../lib\"\n",
                             "dependencies = [\"lib @ file:///${PROJECT_ROOT}/../lib\"]",
                             "dependencies = [\"lib @ {root:uri}/../lib\"]",
                             "dev = [\"-e file:///${PROJECT_ROOT}/../lib#egg=lib\"]"}) {
        INFO(text);
        CHECK(folders_named_in(text, top / "app") == lib);
    }
    CHECK(folders_named_in("lib @ file://" + (top / "lib").string() + " ; python_version > '3'", "/") == lib);
    for (const char* text :
         {"url = \"https://example.org/lib\"", "path = \"../plain\"", "path = \"../none\"",
          "my-path = \"../lib\"", "path", "path = ", "path = \"../lib", "file:", "url = \"\""}) {
        INFO(text);
        CHECK(folders_named_in(text, top / "app").empty());
    }
}

TEST_CASE("a file URL is the path that it stands for") {
    CHECK(folder_of_url("file:///a%20b/c") == "/a b/c");
    CHECK(folder_of_url("file://localhost/a#egg=x") == "/a");
    CHECK(folder_of_url("file:/a") == "/a");
    CHECK(folder_of_url("file://host/a").empty());
    CHECK(folder_of_url("file:a").empty());
    CHECK(folder_of_url("https://a/b").empty());
}

TEST_CASE_METHOD(repository, "what a project depends on by path is built with it, and known by its name") {
    auto found = find_local_folders(request(top / "app"), {}, {});
    CHECK(found.built == paths{top / "app", top / "lib"});
    CHECK(found.names == texts{"app", "lib"});
    backend_request packages;
    packages.packages = requirements({"lib @ file://" + (top / "lib").string(), "six"});
    CHECK(find_local_folders(packages, {}, {}).built == paths{top / "lib"});
    CHECK(find_local_folders({}, {top / "lib/../lib", top / "plain"}, {}).built == paths{top / "lib"});
    CHECK(find_local_folders({}, {}, {}).built.empty());
}

TEST_CASE_METHOD(repository,
                 "an overlay is laid over the outermost repository around a project, else over itself") {
    auto plan = this->plan(find_local_folders(request(top / "app"), {}, {}));
    CHECK(plan.notes.empty());
    CHECK(candidates_of(plan, top / "app") == texts{top.string(), (top / "app").string()});
    CHECK(candidates_of(plan, top / "lib") == texts{top.string(), (top / "lib").string()});
    CHECK(plan.wish.shown_through == texts{(top / "cache").string()});
    CHECK(plan.wish.place == "/storage/overlays/1");
}

TEST_CASE_METHOD(repository, "no overlay is laid at or above the home folder") {
    auto folders = find_local_folders(request(top / "app"), {}, {});
    CHECK(candidates_of(plan(folders, top / "home/user"), top / "app") == texts{(top / "app").string()});
    CHECK(candidates_of(plan(folders, top), top / "app") == texts{(top / "app").string()});
    auto none = plan(folders, top / "app/home");
    CHECK(candidates_of(none, top / "app").empty());
    REQUIRE(none.notes.size() == 1);
    CHECK(none.notes.front() ==
          (top / "app").string() + " has no overlay: it is the home folder, or around it");
    CHECK(plan({}).wish.empty());
}

TEST_CASE_METHOD(repository, "what is to be linked to has no overlay over it") {
    backend_request none;
    auto folders = find_local_folders(none, {top / "app", top / "lib"}, {top / "lib"});
    CHECK(folders.built == paths{top / "app"});
    CHECK(candidates_of(plan(folders), top / "app") == texts{(top / "app").string()});
    CHECK(plan(find_local_folders(none, {}, {top / "lib"})).wish.empty());
}

TEST_CASE_METHOD(repository, "a worktree's repository and folders behind links have overlays of their own") {
    auto tree = top.parent_path() / "worktree";
    auto other = top.parent_path() / "other";
    write_file(tree / "pyproject.toml", "[project]\nname = \"tree\"\n");
    write_file(tree / ".git", "gitdir: ../repository/.git/worktrees/tree\n");
    write_file(top / ".git/worktrees/tree/commondir", "../..\n");
    fs::create_directories(other);
    fs::create_directory_symlink(other, tree / "src");
    auto plan = this->plan(find_local_folders(request(tree), {}, {}));
    CHECK(candidates_of(plan, top / ".git") == texts{(top / ".git").string()});
    CHECK(candidates_of(plan, other) == texts{other.string()});
    CHECK(plan.wish.folders.size() == 3);
}

TEST_CASE("folders of the system and of everybody are no repositories of a project") {
    for (const char* folder : {"/", "/tmp", "/var/tmp", "/usr", "/proc/self", "/dev/pts"})
        CHECK(is_system_folder(folder));
    CHECK_FALSE(is_system_folder("/dev/shm/project"));
    CHECK_FALSE(is_system_folder("/usr/src/project"));
}

TEST_CASE("a member of a workspace is found by the patterns of its root") {
    test::scratch_folder scratch;
    auto root = fs::canonical(scratch.path()) / "r[o]ot";
    write_file(root / "pyproject.toml",
               "[tool.uv.workspace]\nmembers = [\"packages/*\", \"tool\"]\nexclude = [\"packages/old\"]\n");
    for (const char* name : {"packages/a", "packages/old", "tool", "elsewhere", "packages/a/inner"})
        write_file(root / name / "pyproject.toml", "[project]\nname = \"x\"\n");
    CHECK(uv_workspace_root(root / "packages/a") == root);
    CHECK(uv_workspace_root(root / "tool") == root);
    CHECK(uv_workspace_root(root / "packages/old").empty());
    CHECK(uv_workspace_root(root / "elsewhere").empty());
    CHECK(uv_workspace_root(root / "packages/a/inner").empty());
    CHECK(uv_workspace_root(root).empty());
    CHECK(uv_workspace_root(root / "none").empty());

    project_source member{(root / "packages/a").string(), {}, {}};
    CHECK(find_lock(member, "uv.lock").empty());
    write_file(root / "packages/a/uv.lock", "");
    CHECK(find_lock(member, "uv.lock").empty()); // uv does not read that one
    write_file(root / "uv.lock", "");
    CHECK(find_lock(member, "uv.lock") == root / "uv.lock");
    CHECK(find_lock(member, "poetry.lock").empty());
    auto found = find_local_folders({.project = member}, {}, {});
    CHECK(std::find(found.built.begin(), found.built.end(), root) != found.built.end());
}
