// SPDX-License-Identifier: MIT
// Commands that see folders through an overlay: what they write there is theirs alone, and gone afterwards.
#include "system/isolation/mounts_below.hpp"
#include "tests/support/machine_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <unistd.h>

using namespace gestvenv;
using test::each_containment;
using test::machine_fixture;
namespace fs = std::filesystem;

namespace {

// A repository with a project in it, beside the environment.
struct tree {
    explicit tree(const machine_fixture& f) : tree(f.root.path()) {}
    explicit tree(const fs::path& where) : root(where / "repository") {
        fs::create_directories(root / "app/src");
        fs::create_directories(root / "data");
        std::ofstream{root / "app/pyproject.toml"} << "[project]\n";
        std::ofstream{root / "app/src/code.py"} << "value = 1\n";
        std::ofstream{root / "data/large"} << "content\n";
    }

    overlay_wish wish(const machine_fixture& f, const std::string& number = "1") const {
        return {{{(root / "app").string(), {root.string(), (root / "app").string()}, {}}},
                {},
                f.created.storage_path + "/overlays/" + number};
    }

    // By path: what a file is and holds, and when it was changed.
    std::map<std::string, std::string> state() const {
        std::map<std::string, std::string> found;
        auto note = [&](const fs::path& path) {
            struct stat status {};
            REQUIRE(::lstat(path.c_str(), &status) == 0);
            auto& entry = found[path.string()];
            for (auto number : {static_cast<long>(status.st_mode), static_cast<long>(status.st_uid),
                                static_cast<long>(status.st_mtim.tv_nsec),
                                static_cast<long>(status.st_ctim.tv_nsec), static_cast<long>(status.st_ino)})
                entry += std::to_string(number) + " ";
            if (S_ISREG(status.st_mode)) {
                std::ifstream file{path};
                entry += std::string{std::istreambuf_iterator<char>{file}, {}};
            }
        };
        note(root);
        for (const auto& entry : fs::recursive_directory_iterator{root})
            note(entry.path());
        return found;
    }

    fs::path root;
};

// Whether this machine lets a command have an overlay at all: what does not is told of, and tested below.
bool has_overlays(const operation_result& result) {
    for (const auto& note : result.notes)
        WARN(note);
    return result.notes.empty();
}

class bound_socket {
public:
    explicit bound_socket(const fs::path& path) : number_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        REQUIRE(path.string().size() < sizeof address.sun_path);
        std::strcpy(address.sun_path, path.c_str()); // NOLINT: the length is checked above
        REQUIRE(::bind(number_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(number_, 1) == 0);
    }
    bound_socket(const bound_socket&) = delete;
    bound_socket& operator=(const bound_socket&) = delete;
    ~bound_socket() { ::close(number_); }

private:
    int number_;
};

} // namespace

TEST_CASE("what a command writes below an overlay it sees alone, and it is gone with the command") {
    auto storage = GENERATE(storage_backend::tmpfs, storage_backend::disk);
    machine_fixture f{each_containment(), storage};
    tree t{f};
    auto before = t.state();
    auto request =
        f.shell("mkdir -p build egg/info ../above && echo x > build/new && echo more >> src/code.py && "
                "rm -r ../data && mkdir ../data && mv src lib && cat lib/code.py && ls && ls ../data");
    request.program.overlays = t.wish(f);
    request.program.working_directory = (t.root / "app").string();
    auto result = f.run(std::move(request));
    REQUIRE(result);
    if (!has_overlays(*result))
        SKIP("no overlay can be mounted here");
    CHECK(result->stderr_text.empty());
    CHECK(result->stdout_text == "value = 1\nmore\nbuild\negg\nlib\npyproject.toml\n");
    CHECK(t.state() == before);
    // Another command has none of it, and nothing is left in the storage.
    CHECK(f.run("ls " + (t.root / "app").string())->stdout_text == "pyproject.toml\nsrc\n");
    CHECK(f.run("ls -A " + f.created.storage_path)->stdout_text.find("overlays") == std::string::npos);
    CHECK(mounts_below(t.root).empty());
}

TEST_CASE("caches, mounts and sockets in use below an overlay stay what they are") {
    test::temporary_folder where;
    tree t{where.path()};
    fs::create_directories(t.root / "cache/wheels");
    // Mounted before there is a namespace that would not have it.
    fs::create_directories(t.root / "volume");
    bool mounted = ::mount("tmpfs", (t.root / "volume").c_str(), "tmpfs", 0, "size=1m") == 0;
    std::ofstream{t.root / "volume/inside"} << "shown\n";
    machine_fixture f;
    bound_socket agent{t.root / "agent"};
    auto request = f.shell(
        "echo kept > ../cache/wheels/one; echo more >> ../volume/inside; cat ../volume/inside; python3 -c '\n"
        "import socket\n"
        "socket.socket(socket.AF_UNIX).connect(\"../agent\")\n"
        "print(\"connected\")'");
    request.program.overlays = t.wish(f);
    request.program.overlays.shown_through = {(t.root / "cache").string(), (t.root / "no-such").string()};
    request.program.working_directory = (t.root / "app").string();
    auto result = f.run(std::move(request));
    std::stringstream inside;
    inside << std::ifstream{t.root / "volume/inside"}.rdbuf();
    if (mounted)
        CHECK(::umount2((t.root / "volume").c_str(), MNT_DETACH) == 0);
    REQUIRE(result);
    if (!has_overlays(*result))
        SKIP("no overlay can be mounted here");
    CHECK(result->stderr_text.empty());
    CHECK(result->stdout_text == "shown\nmore\nconnected\n");
    CHECK(inside.str() == (mounted ? "shown\nmore\n" : "shown\n"));
    CHECK(fs::exists(t.root / "cache/wheels/one"));
}

TEST_CASE("several folders have their overlays, one inside the other too") {
    machine_fixture f;
    tree t{f};
    auto before = t.state();
    auto request =
        f.shell("touch a " + (t.root / "data/b").string() + " && ls " + (t.root / "data").string());
    request.program.overlays = t.wish(f);
    auto inner = (t.root / "data").string();
    request.program.overlays.folders.insert(request.program.overlays.folders.begin(), {inner, {inner}, {}});
    request.program.overlays.folders.push_back({inner, {inner}, {}});
    request.program.working_directory = (t.root / "app").string();
    auto result = f.run(std::move(request));
    REQUIRE(result);
    if (!has_overlays(*result))
        SKIP("no overlay can be mounted here");
    CHECK(result->stdout_text == "b\nlarge\n");
    CHECK(t.state() == before);
}

TEST_CASE("a folder that cannot have an overlay stays as it is, and that is told with the reason") {
    machine_fixture f;
    tree t{f};
    auto request = f.shell("touch written");
    request.program.overlays = t.wish(f);
    auto gone = (t.root / "gone").string();
    request.program.overlays.folders = {{gone, {gone}, {}}};
    request.program.working_directory = (t.root / "app").string();
    auto result = f.run(std::move(request));
    REQUIRE(result);
    CHECK(result->success());
    REQUIRE(result->notes.size() == 1);
    CHECK(result->notes.front().starts_with(gone + " has no overlay: "));
    CHECK(fs::exists(t.root / "app/written"));
}

TEST_CASE("the next folder around is taken where the widest cannot have an overlay") {
    machine_fixture f;
    tree t{f};
    auto before = t.state();
    auto request = f.shell("touch written && ls");
    request.program.overlays = t.wish(f);
    request.program.overlays.folders.front().candidates.front() = (t.root / "gone").string();
    request.program.working_directory = (t.root / "app").string();
    auto result = f.run(std::move(request));
    REQUIRE(result);
    if (!has_overlays(*result))
        SKIP("no overlay can be mounted here");
    CHECK(result->stdout_text == "pyproject.toml\nsrc\nwritten\n");
    CHECK(t.state() == before);
}

TEST_CASE("what is touched in an overlay is newer there alone") {
    machine_fixture f;
    tree t{f};
    auto before = t.state();
    auto request = f.shell("find . -newer " + (t.root / "data/large").string() + " -type f");
    request.program.overlays = t.wish(f);
    request.program.overlays.folders.front().touched = {"pyproject.toml", "setup.py"};
    request.program.working_directory = (t.root / "app").string();
    auto result = f.run(std::move(request));
    REQUIRE(result);
    if (!has_overlays(*result))
        SKIP("no overlay can be mounted here");
    CHECK(result->stdout_text == "./pyproject.toml\n");
    CHECK(t.state() == before);
}

TEST_CASE("what a command that is killed wrote below an overlay is removed too") {
    machine_fixture f{each_containment()};
    tree t{f};
    auto before = t.state();
    auto request = f.shell("mkdir -m 0 a; echo > b; echo ready > " + f.created.storage_path +
                           "/work/ready; exec sleep 600");
    request.program.overlays = t.wish(f);
    request.program.working_directory = (t.root / "app").string();
    auto number = request.program.command;
    auto running = f.begin(std::move(request));
    CHECK(f.run("while [ ! -e ready ]; do sleep 0.01; done")->success());
    f.machine->kill(f.id, number, std::chrono::milliseconds{0});
    auto result = running.get();
    REQUIRE(result);
    CHECK(result->signal == 9);
    if (!has_overlays(*result))
        SKIP("no overlay can be mounted here");
    CHECK(t.state() == before);
    CHECK(f.run("ls -A " + f.created.storage_path)->stdout_text.find("overlays") == std::string::npos);
}
