// SPDX-License-Identifier: MIT
// What an environment's code can plant in its work folder, against what reads and writes there.
#include "net/files/file_access.hpp"

#include "tests/net/files/folder_fixture.hpp"
#include "tests/net/files/tar_file.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <array>
#include <csignal>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

std::string read(const folder_fixture& in, std::string_view path) {
    auto opened = files::open_for_reading(in.work, in.parts(path));
    INFO((opened ? "" : opened.error().message));
    REQUIRE(opened.has_value());
    std::string bytes(opened->size(), '\0');
    REQUIRE(::read(opened->what.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    return bytes;
}

error_code refusal(const folder_fixture& in, std::string_view path) {
    auto opened = files::open_for_reading(in.work, in.parts(path));
    REQUIRE_FALSE(opened.has_value());
    INFO(opened.error().message);
    CHECK_FALSE(opened.error().message.empty());
    return opened.error().code;
}

outcome<files::file_transfer> put(const folder_fixture& in, std::string_view path, std::string_view bytes,
                                  const files::writing& how = {}) {
    return files::put_file(in.work, in.parts(path), file_of(bytes), how, in.until());
}

} // namespace

TEST_CASE("paths are relative, and lead down") {
    CHECK(files::parts_of("a/b").value() == files::path_parts{"a", "b"});
    CHECK(files::parts_of("./a//b/./").value() == files::path_parts{"a", "b"});
    CHECK(files::parts_of("").value().empty());
    CHECK(files::parts_of("a..b/...").value() == files::path_parts{"a..b", "..."});
    for (const auto& wrong : {std::string{"/a"}, std::string{".."}, std::string{"a/../b"},
                              std::string{"a/.."}, std::string("a\0b", 3), std::string(256, 'x'),
                              std::string(5000, '/'), std::string{"a/"} + std::string(256, 'b')}) {
        INFO(wrong);
        CHECK(files::parts_of(wrong).error().code == error_code::invalid_argument);
    }
}

TEST_CASE("a file is read, by a link that stays in the folder too") {
    folder_fixture in;
    fs::create_directory(in.path / "sub");
    write_file(in.path / "sub/file", "content");
    fs::create_symlink("sub/file", in.path / "link");
    fs::create_symlink("../sub/file", in.path / "sub/up");
    CHECK(read(in, "sub/file") == "content");
    CHECK(read(in, "link") == "content");
    CHECK(read(in, "sub/up") == "content");
    CHECK(refusal(in, "missing") == error_code::not_found);
    CHECK(refusal(in, "sub/file/below") == error_code::invalid_argument);
}

TEST_CASE("no link leads out of the folder") {
    folder_fixture in;
    fs::create_symlink("../secret", in.path / "up");
    fs::create_symlink("/etc/passwd", in.path / "absolute");
    fs::create_symlink(in.outside, in.path / "folder");
    fs::create_symlink("/proc/self/root/etc/passwd", in.path / "magic");
    fs::create_symlink("loop", in.path / "loop");
    for (const char* path : {"up", "absolute", "folder/secret", "folder", "magic", "loop"}) {
        INFO(path);
        CHECK(refusal(in, path) == error_code::permission_denied);
        CHECK(files::list(in.work, in.parts(path), {}, 10, in.until()).error().code ==
              error_code::permission_denied);
    }
}

TEST_CASE("a pipe, a socket and a device are refused without being opened") {
    folder_fixture in;
    REQUIRE(::mkfifo((in.path / "pipe").c_str(), 0600) == 0);
    descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    auto path = (in.path / "socket").string();
    REQUIRE(path.size() < sizeof name.sun_path);
    path.copy(name.sun_path, path.size());
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
    CHECK(refusal(in, "pipe") == error_code::invalid_argument);
    CHECK(refusal(in, "socket") == error_code::invalid_argument);
    if (::mknod((in.path / "device").c_str(), S_IFCHR | 0600, makedev(1, 5)) == 0)
        CHECK(refusal(in, "device") == error_code::invalid_argument);
}

TEST_CASE("a lease that a program holds on a file is not waited for") {
    folder_fixture in;
    write_file(in.path / "leased", "content");
    descriptor holder{::open((in.path / "leased").c_str(), O_RDWR | O_CLOEXEC)};
    auto before = std::signal(SIGIO, SIG_IGN);
    REQUIRE(::fcntl(holder.get(), F_SETLEASE, F_WRLCK) == 0);
    CHECK(refusal(in, "leased") == error_code::request_conflict);
    std::signal(SIGIO, before);
}

TEST_CASE("a link in the place of the work folder is not followed") {
    temporary_folder folder;
    fs::create_symlink("/etc", folder.path() / "work");
    CHECK(files::open_work_folder(folder.path()).error().code == error_code::environment_gone);
}

TEST_CASE("a file is written with its mode, over what was there before") {
    folder_fixture in;
    CHECK(put(in, "file", "one", {0640, false}).value().bytes == 3);
    CHECK(content_of(in.path / "file") == "one");
    CHECK((fs::status(in.path / "file").permissions() & fs::perms::all) == fs::perms{0640});
    REQUIRE(put(in, "file", "").has_value());
    CHECK(content_of(in.path / "file").empty());
    CHECK(put(in, "a/b/file", "x").error().code == error_code::not_found);
    REQUIRE(put(in, "a/b/file", "x", {0644, true}).has_value());
    CHECK(content_of(in.path / "a/b/file") == "x");
    CHECK(put(in, "a", "x").error().code == error_code::invalid_argument);
    CHECK(put(in, "", "x").error().code == error_code::invalid_argument);
    // Nothing is left of those that failed.
    CHECK(files::list(in.work, {}, {}, 10, in.until()).value().items.size() == 2);
}

TEST_CASE("writing replaces a link or a pipe, and goes through no link") {
    folder_fixture in;
    fs::create_symlink("../secret", in.path / "link");
    fs::create_directory_symlink("..", in.path / "folder");
    REQUIRE(::mkfifo((in.path / "pipe").c_str(), 0600) == 0);
    REQUIRE(put(in, "link", "mine").has_value());
    REQUIRE(put(in, "pipe", "mine").has_value());
    CHECK(fs::is_regular_file(fs::symlink_status(in.path / "link")));
    CHECK(content_of(in.path / "pipe") == "mine");
    CHECK(put(in, "folder/secret", "mine", {0644, true}).error().code == error_code::permission_denied);
    CHECK(content_of(in.outside / "secret") == "secret");
}

TEST_CASE("removing takes a folder with all in it, and never what a link leads to") {
    folder_fixture in;
    fs::create_directories(in.path / "folder/deep/er");
    write_file(in.path / "folder/deep/er/file", "x");
    fs::create_directory_symlink(in.outside, in.path / "folder/out");
    fs::create_directory_symlink(in.outside, in.path / "out");
    REQUIRE(files::remove(in.work, in.parts("folder")).has_value());
    REQUIRE(files::remove(in.work, in.parts("out")).has_value());
    CHECK(fs::is_empty(in.path));
    CHECK(content_of(in.outside / "secret") == "secret");
    CHECK(files::remove(in.work, in.parts("folder")).error().code == error_code::not_found);
    CHECK(files::remove(in.work, {}).error().code == error_code::invalid_argument);
    fs::create_directory_symlink(in.outside, in.path / "out");
    CHECK(files::remove(in.work, in.parts("out/secret")).error().code == error_code::permission_denied);
}

TEST_CASE("a folder is listed in pages, each name once") {
    folder_fixture in;
    for (int i = 0; i < 25; ++i)
        write_file(in.path / ("file" + std::to_string(i)), std::string(static_cast<std::size_t>(i), 'x'));
    write_file(in.path / "not\xffUTF-8", "");
    fs::create_symlink("file1", in.path / "link");
    std::vector<std::string> names;
    std::optional<std::string> next{""};
    for (int page = 0; next && page < 10; ++page) {
        auto part = files::list(in.work, {}, *next, 10, in.until());
        REQUIRE(part.has_value());
        CHECK(part->items.size() <= 10);
        for (const auto& item : part->items) {
            names.push_back(item.name);
            if (item.name == "link") {
                CHECK(item.kind == files::file_kind::link);
                CHECK(item.target == "file1");
            }
            if (item.name == "file20")
                CHECK(item.size == 20);
        }
        next = part->next;
    }
    CHECK_FALSE(next.has_value());
    CHECK(names.size() == 27);
    CHECK(std::is_sorted(names.begin(), names.end()));
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
    CHECK(files::list(in.work, {}, "no cursor", 10, in.until()).error().code == error_code::invalid_argument);
}

TEST_CASE("work on files gives up at its deadline") {
    folder_fixture in;
    const files::deadline passed{files::deadline::clock::time_point::min()};
    write_file(in.path / "file", "x");
    CHECK(files::put_file(in.work, in.parts("new"), file_of("content"), {}, passed).error().code ==
          error_code::deadline_exceeded);
    CHECK_FALSE(fs::exists(in.path / "new"));
    CHECK(files::list(in.work, {}, {}, 10, passed).error().code == error_code::deadline_exceeded);
}
