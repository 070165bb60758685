// SPDX-License-Identifier: MIT
// `gestvenv ephemeral cp`: files into an environment of the node, and out of it.
#include "tests/end_to_end/node_scene.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace gestvenv::test;

namespace {

namespace files = std::filesystem;

bool says(const finished& result, const std::string& part) {
    return result.err.find(part) != std::string::npos;
}

/// A node with an environment called `box`.
struct box_scene : node_scene {
    box_scene() { create({"box"}); }

    finished copy(const std::string& from, const std::string& to) {
        return gestvenv({"ephemeral", "cp", from, to});
    }
    /// A line of shell in the environment's work folder.
    std::string inside(const std::string& line) {
        return gestvenv({"run", "--env", "box", "--work-folder", "sh", "-c", line}).out;
    }
};

} // namespace

TEST_CASE("a file is copied into an environment and out of it, with its mode, to a name or into a folder") {
    box_scene place;
    auto source = place.write("tool.sh", "echo here\n");
    files::permissions(source, files::perms::owner_all);
    auto copied = place.copy("tool.sh", "box:");
    CHECK(copied.status == 0);
    CHECK(copied.out + copied.err == "");
    CHECK(place.copy("tool.sh", "box:other").status == 0);
    CHECK(place.inside("./tool.sh; stat -c %a tool.sh other; mkdir in") == "here\n700\n700\n");
    CHECK(place.copy("tool.sh", "box:in").status == 0);
    CHECK(place.inside("ls in") == "tool.sh\n");

    files::create_directory(place.folder() / "out");
    CHECK(place.copy("box:in/tool.sh", "out").status == 0);
    CHECK(place.copy("box:tool.sh", "out/named").status == 0);
    CHECK(content_of(place.folder() / "out/tool.sh") == "echo here\n");
    CHECK(content_of(place.folder() / "out/named") == "echo here\n");
    CHECK(files::status(place.folder() / "out/named").permissions() == files::perms::owner_all);
}

TEST_CASE("a folder is copied with what is in it, under its name or without it") {
    box_scene place;
    files::create_directories(place.folder() / "tree/sub");
    place.write("tree/sub/file", "content\n");
    files::create_symlink("sub/file", place.folder() / "tree/link");
    CHECK(place.copy("tree", "box:").status == 0);
    CHECK(place.copy("tree", "box:renamed").status == 0);
    CHECK(place.copy("tree/.", "box:").status == 0);
    CHECK(place.inside("cat tree/sub/file renamed/sub/file sub/file; readlink link") ==
          "content\ncontent\ncontent\nsub/file\n");

    CHECK(place.copy("box:tree", "back").status == 0);
    files::create_directory(place.folder() / "into");
    CHECK(place.copy("box:tree", "into").status == 0);
    CHECK(place.copy("box:tree/.", "into").status == 0);
    for (const char* copy : {"back", "into/tree", "into"}) {
        INFO(copy);
        CHECK(content_of(place.folder() / copy / "sub/file") == "content\n");
        CHECK(files::read_symlink(place.folder() / copy / "link") == "sub/file");
    }
}

TEST_CASE("standard input and output are a file's content, or a tar stream of a folder") {
    box_scene place;
    auto content = place.shell("printf 'a\\0b' | $GESTVENV ephemeral cp - box:bytes && "
                               "$GESTVENV ephemeral cp box:bytes - | od -An -c");
    CHECK(content.out == "   a  \\0   b\n");
    auto folder = place.shell("mkdir tree && echo text >tree/file && "
                              "tar c tree | $GESTVENV ephemeral cp - box: && "
                              "$GESTVENV ephemeral cp box:tree - | tar xO");
    INFO(folder.err);
    CHECK(folder.out == "text\n");
    CHECK(place
              .shell("head -c 100000000 /dev/zero | $GESTVENV ephemeral cp - box:large && "
                     "$GESTVENV ephemeral cp box:large - | head -c 1 | wc -c; "
                     "$GESTVENV ephemeral cp box:large - | wc -c")
              .out == "1\n100000000\n");
    CHECK(place.shell("$GESTVENV ephemeral cp box:large /dev/full").status == 125);
    CHECK(place.shell("$GESTVENV ephemeral cp box:large /dev/null").status == 0);
    CHECK(files::is_character_file("/dev/null"));
}

TEST_CASE("a pipe in a folder is not copied into an environment, and that is told") {
    box_scene place;
    files::create_directory(place.folder() / "tree");
    place.write("tree/file", "kept");
    REQUIRE(::mkfifo((place.folder() / "tree/pipe").c_str(), 0600) == 0);
    const auto copied = place.copy("tree", "box:copy");
    CHECK(copied.status == 0);
    CHECK(says(copied, "warning: left out: `pipe` is neither a file, a folder nor a link"));
    CHECK(place.inside("ls copy") == "file\n");
}

TEST_CASE("what would lead out of a copy is left out, with a warning") {
    box_scene place;
    place.inside("mkdir -p tree; echo kept >tree/file; ln -s /etc/passwd tree/out; mkfifo tree/pipe");
    auto copied = place.copy("box:tree", "copy");
    CHECK(copied.status == 0);
    CHECK(says(copied, "warning: left out: "));
    CHECK(says(copied, "`out`"));
    CHECK(content_of(place.folder() / "copy/file") == "kept\n");
    CHECK_FALSE(files::exists(files::symlink_status(place.folder() / "copy/out")));
    CHECK_FALSE(files::exists(place.folder() / "copy/pipe"));
    CHECK(place.copy("box:tree/out", "copy").status == 125);
}

TEST_CASE("what cannot be copied is an error that says which path and why") {
    box_scene place;
    place.write("file", "text\n");
    struct wrong {
        std::string from;
        std::string to;
        int status;
        std::string told;
    };
    for (const auto& [from, to, status, told] : std::vector<wrong>{
             {"missing", "box:", 125, "there is no `missing`"},
             {"box:missing", "here", 125, "there is no `missing` in the environment's work folder"},
             {"file", "box:no/such/folder", 125, "there is no `no/such`"},
             {"file", "box:folder/", 125, "there is no folder `folder/`"},
             {"file", "box:../out", 125, "`../out` has `..` in it"},
             {"file", "none:", 1, "no environment"},
             {"none:file", "here", 1, "no environment"},
             {"file", "box:/etc/passwd", 2, "relative to its work folder"},
             {"file", "here", 2, "neither the source nor the destination"},
             {"box:file", "box:other", 2, "both in an environment"},
             {":file", "here", 2, "no environment before the colon"},
         }) {
        auto result = place.copy(from, to);
        INFO(from << " to " << to << ": " << result.err);
        CHECK(result.status == status);
        CHECK(says(result, told));
        CHECK(result.out.empty());
    }
    CHECK(place.gestvenv({"ephemeral", "cp", "file"}).status == 2);
    CHECK_FALSE(files::exists(place.folder() / "here"));
    CHECK(place.inside("ls -A").empty());
    place.write("a:b", "text\n");
    CHECK(place.copy("./a:b", "box:").status == 0);
    CHECK(place.inside("ls") == "a:b\n");
}

TEST_CASE("files are copied to an environment of a node over TCP, with the right to it alone") {
    node_scene place;
    CHECK(place.gestvenv({"node", "start", "--listen", "127.0.0.1:0"}).status == 0);
    const auto address = nlohmann::json::parse(content_of(place.record()))["listens"][0].get<std::string>();
    auto token = [&](const char* name, const char* right) {
        auto made = place.gestvenv({"token", "create", name, "--right", right});
        return made.out.substr(0, made.out.find('\n'));
    };
    auto& variables = place.where().variables;
    const auto writer = token("writer", "write");
    const auto reader = token("reader", "read");
    place.create({"local"});
    variables["GESTVENV_NODE"] = address;
    variables["GESTVENV_TOKEN"] = writer;
    place.create({"remote"});
    auto result =
        place.shell("mkdir tree && echo text >tree/file && "
                    "$GESTVENV ephemeral cp tree remote: && $GESTVENV ephemeral cp remote:tree copy && "
                    "cat copy/file && $GESTVENV ephemeral cp copy/file remote:single && "
                    "$GESTVENV ephemeral cp remote:single -");
    INFO(result.err);
    CHECK(result.out == "text\ntext\n");
    CHECK(place.gestvenv({"ephemeral", "cp", "tree/file", "local:"}).status == 1);
    variables["GESTVENV_TOKEN"] = reader;
    CHECK(place.gestvenv({"ephemeral", "cp", "remote:single", "-"}).status != 0);
    variables["GESTVENV_NODE"] = variables["GESTVENV_TOKEN"] = "";
}
