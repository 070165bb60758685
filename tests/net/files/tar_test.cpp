// SPDX-License-Identifier: MIT
// Archives that go in and out, and those that try to go elsewhere.
#include "net/files/tar_pack.hpp"
#include "net/files/tar_unpack.hpp"

#include "tests/net/files/folder_fixture.hpp"
#include "tests/net/files/tar_file.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <sys/stat.h>

using namespace gestvenv;
using namespace gestvenv::test;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

outcome<files::unpacked> unpack(const folder_fixture& in, const tar_file& archive,
                                const files::tar_bounds& bounds = {},
                                files::refused_entries how = files::refused_entries::stop) {
    auto file = file_of(archive);
    return files::unpack_tar(file.get(), in.work, bounds, how, in.until());
}

std::string pack(const folder_fixture& in, std::string_view path, const std::string& name = {}) {
    auto packer = files::tar_packer::begin(files::open_for_reading(in.work, in.parts(path)).value(), name);
    REQUIRE(packer.has_value());
    std::string all;
    while (true) {
        auto piece = packer->next();
        INFO((piece ? "" : piece.error().message));
        REQUIRE(piece.has_value());
        if (piece->empty())
            return all;
        all += *piece;
    }
}

/// One that is refused as a whole: nothing of it is unpacked, and the error names the entry and the reason.
void is_refused(const tar_header& entry, std::string_view why, const tar_file& before = {}) {
    folder_fixture in;
    auto archive = before;
    archive.add(entry);
    auto done = unpack(in, archive);
    REQUIRE_FALSE(done.has_value());
    CHECK_THAT(done.error().message, ContainsSubstring(std::string{why}));
    CHECK_THAT(done.error().message, ContainsSubstring(entry.name.substr(0, 20)));
    CHECK(fs::is_empty(in.path));
    CHECK(content_of(in.outside / "secret") == "secret");
}

} // namespace

TEST_CASE("an archive is unpacked with folders, links, modes and times") {
    folder_fixture in;
    tar_file archive;
    archive.add({.name = "./", .type = '5', .mode = 0700})
        .add({.name = "./bin/", .type = '5', .mode = 0555})
        .add({.name = "./bin/tool", .content = "#!/bin/sh\n", .mode = 0755})
        .add({.name = "link", .type = '2', .target = "bin/tool"})
        .add({.name = "bin/same", .type = '1', .target = "bin/tool"})
        .add({.name = "implied/parent/file", .content = "x"})
        .add({.name = "bin/", .type = '5', .mode = 0555});
    auto done = unpack(in, archive);
    INFO((done ? "" : done.error().message));
    REQUIRE(done.has_value());
    CHECK(done->done.entries == 7);
    CHECK(done->done.bytes == 11);
    CHECK(content_of(in.path / "link") == "#!/bin/sh\n");
    CHECK(fs::hard_link_count(in.path / "bin/same") == 2);
    CHECK((fs::status(in.path / "bin/tool").permissions() & fs::perms::all) == fs::perms{0755});
    CHECK((fs::status(in.path / "bin").permissions() & fs::perms::all) == fs::perms{0555});
    struct stat facts {};
    REQUIRE(::stat((in.path / "bin/tool").c_str(), &facts) == 0);
    CHECK(facts.st_mtim.tv_sec == 1'000'000'000);
    // Again, over itself.
    CHECK(unpack(in, archive).has_value());
}

TEST_CASE("what is packed is unpacked as it was") {
    folder_fixture from;
    fs::create_directories(from.path / "folder/empty");
    const std::string long_name(200, 'n');
    fs::create_directories(from.path / long_name / long_name);
    write_file(from.path / long_name / long_name / "file", "deep");
    write_file(from.path / "folder/large", std::string(300'000, 'L'));
    write_file(from.path / "\xc3\xa4 and not\xffUTF-8", "bytes");
    fs::create_symlink("folder/large", from.path / "link");
    REQUIRE(::mkfifo((from.path / "pipe").c_str(), 0600) == 0);
    folder_fixture to;
    auto file = file_of(pack(from, ""));
    auto done = files::unpack_tar(file.get(), to.work, {}, files::refused_entries::stop, to.until());
    INFO((done ? "" : done.error().message));
    REQUIRE(done.has_value());
    CHECK(content_of(to.path / "folder/large") == std::string(300'000, 'L'));
    CHECK(content_of(to.path / long_name / long_name / "file") == "deep");
    CHECK(content_of(to.path / "\xc3\xa4 and not\xffUTF-8") == "bytes");
    CHECK(fs::read_symlink(to.path / "link") == "folder/large");
    CHECK(fs::is_directory(to.path / "folder/empty"));
    CHECK_FALSE(fs::exists(to.path / "pipe"));
}

TEST_CASE("a single file is packed under its name") {
    folder_fixture in;
    write_file(in.path / "file", "content");
    auto file = file_of(pack(in, "file", "file"));
    fs::create_directory(in.path / "to");
    auto to = files::open_inside(in.work.get(), {"to"}, O_RDONLY | O_DIRECTORY, files::links::refused);
    REQUIRE(files::unpack_tar(file.get(), to, {}, files::refused_entries::stop, in.until()).has_value());
    CHECK(content_of(in.path / "to/file") == "content");
}

TEST_CASE("a link is packed as a link, wherever it leads") {
    folder_fixture in;
    fs::create_symlink(in.outside / "secret", in.path / "out");
    fs::create_directory_symlink(in.outside, in.path / "outside");
    auto bytes = pack(in, "");
    CHECK_THAT(bytes, !ContainsSubstring("secretsecret"));
    CHECK_THAT(bytes, ContainsSubstring("out"));
    CHECK(bytes.size() == 4 * 512); // two headers and the end
}

TEST_CASE("a file that gets shorter while it is packed is an error, not an archive") {
    folder_fixture in;
    write_file(in.path / "file", std::string(1'000'000, 'x'));
    auto packer =
        files::tar_packer::begin(files::open_for_reading(in.work, in.parts("file")).value(), "file");
    REQUIRE(packer.has_value());
    REQUIRE(packer->next().has_value());
    fs::resize_file(in.path / "file", 100);
    outcome<std::string> piece = packer->next();
    while (piece && !piece->empty())
        piece = packer->next();
    REQUIRE_FALSE(piece.has_value());
    CHECK(piece.error().code == error_code::request_conflict);
}

TEST_CASE("an archive with an absolute name is refused") {
    is_refused({.name = "/tmp/absolute", .content = "x"}, "absolute");
}

TEST_CASE("an archive with a name that leads up is refused") {
    is_refused({.name = "../secret", .content = "x"}, "`..`",
               tar_file{}.add({.name = "first", .content = "x"}));
    is_refused({.name = "a/../../secret", .content = "x"}, "`..`");
}

TEST_CASE("an archive with a link that leads out is refused") {
    is_refused({.name = "link", .type = '2', .target = "/etc/passwd"}, "lead out");
    is_refused({.name = "link", .type = '2', .target = "../secret"}, "lead out");
    is_refused({.name = "a/link", .type = '2', .target = "../../secret"}, "lead out");
    is_refused({.name = "link", .type = '2', .target = "."}, "lead out",
               tar_file{}.add({.name = "first", .type = '2', .target = "a/../.."}));
}

TEST_CASE("an archive with a hard link to what it has not brought is refused") {
    is_refused({.name = "link", .type = '1', .target = "../secret"}, "hard link");
    is_refused({.name = "link", .type = '1', .target = "/etc/passwd"}, "hard link");
    is_refused({.name = "link", .type = '1', .target = "missing"}, "hard link");
    is_refused({.name = "hard", .type = '1', .target = "soft"}, "hard link",
               tar_file{}.add({.name = "soft", .type = '2', .target = "x"}));
}

TEST_CASE("an archive with a device or a pipe is refused") {
    is_refused({.name = "device", .type = '3'}, "only files");
    is_refused({.name = "block", .type = '4'}, "only files");
    is_refused({.name = "pipe", .type = '6'}, "only files");
}

TEST_CASE("an archive with a name twice is refused, however it is written") {
    is_refused({.name = "file", .content = "2"}, "twice", tar_file{}.add({.name = "file", .content = "1"}));
    is_refused({.name = "./a//file", .content = "2"}, "twice",
               tar_file{}.add({.name = "a/file", .content = "1"}));
    is_refused({.name = "file", .content = "2"}, "twice",
               tar_file{}.add({.name = "file", .type = '2', .target = "x"}));
}

TEST_CASE("nothing is written through a link, be it planted or of the archive") {
    folder_fixture in;
    fs::create_directory_symlink(in.outside, in.path / "planted");
    auto done = unpack(in, tar_file{}.add({.name = "planted/secret", .content = "mine"}));
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().code == error_code::permission_denied);
    CHECK_THAT(done.error().message, ContainsSubstring("planted/secret"));
    // A chain of links, each of which stays within.
    tar_file chain;
    chain.add({.name = "a/b/", .type = '5'})
        .add({.name = "l", .type = '2', .target = "a/b"})
        .add({.name = "l/file", .content = "x"});
    CHECK(unpack(in, chain).error().code == error_code::permission_denied);
    CHECK(content_of(in.outside / "secret") == "secret");
}

TEST_CASE("a file's mode brings no more than permissions") {
    folder_fixture in;
    REQUIRE(unpack(in, tar_file{}.add({.name = "tool", .content = "x", .mode = 06755})).has_value());
    struct stat facts {};
    REQUIRE(::stat((in.path / "tool").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0755);
}

TEST_CASE("an archive has bounds on its entries, their names and their content") {
    folder_fixture in;
    tar_file archive;
    for (int i = 0; i < 5; ++i)
        archive.add({.name = "file" + std::to_string(i), .content = std::string(10, 'x')});
    for (const auto& [bounds, why] : {std::pair{files::tar_bounds{.entries = 4}, "4 entries"},
                                      std::pair{files::tar_bounds{.name_bytes = 20}, "names"},
                                      std::pair{files::tar_bounds{.bytes = 49}, "49 bytes"}}) {
        auto done = unpack(in, archive, bounds);
        REQUIRE_FALSE(done.has_value());
        CHECK(done.error().code == error_code::resources_exhausted);
        CHECK_THAT(done.error().message, ContainsSubstring(why));
        CHECK_THAT(done.error().message, ContainsSubstring("file4"));
    }
    CHECK(fs::is_empty(in.path));
    CHECK(unpack(in, archive, {.entries = 5, .bytes = 50}).has_value());
}

TEST_CASE("a file of holes that is larger than the bound is refused before it is made") {
    folder_fixture in;
    // GNU format 1.0: a map of holes in the content, and 1 TiB as its size.
    const std::string attributes =
        "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n33 GNU.sparse.name=sparse-file-x\n"
        "37 GNU.sparse.realsize=1099511627776\n";
    auto map = std::string{"1\n0\n1\n"};
    map.resize(512, '\0');
    tar_file archive;
    archive.add({.name = "PaxHeader", .type = 'x', .content = attributes})
        .add({.name = "GNUSparseFile.0/x", .content = map + "x"});
    auto done = unpack(in, archive);
    REQUIRE_FALSE(done.has_value());
    INFO(done.error().message);
    CHECK(done.error().code == error_code::resources_exhausted);
    CHECK(fs::is_empty(in.path));
}

TEST_CASE("what is no archive, or half of one, is refused") {
    folder_fixture in;
    auto text = file_of(std::string(2000, 'x'));
    CHECK(files::unpack_tar(text.get(), in.work, {}, files::refused_entries::stop, in.until()).error().code ==
          error_code::invalid_argument);
    auto half =
        file_of(tar_file{}.add({.name = "file", .content = std::string(5000, 'x')}).bytes().substr(0, 1500));
    auto done = files::unpack_tar(half.get(), in.work, {}, files::refused_entries::stop, in.until());
    REQUIRE_FALSE(done.has_value());
    CHECK_FALSE(fs::exists(in.path / "file"));
    auto huge = file_of(tar_file{}.add({.name = "x", .type = 'x', .size = std::int64_t{7} << 30}).bytes());
    CHECK_FALSE(
        files::unpack_tar(huge.get(), in.work, {}, files::refused_entries::stop, in.until()).has_value());
}

TEST_CASE("entries that are refused can be left out and told") {
    folder_fixture in;
    auto archive = tar_file{}
                       .add({.name = "good", .content = "x"})
                       .add({.name = "out", .type = '2', .target = "/etc"})
                       .add({.name = "pipe", .type = '6'})
                       .add({.name = "last", .content = "x"});
    auto done = unpack(in, archive, {}, files::refused_entries::skip);
    REQUIRE(done.has_value());
    CHECK(done->done.entries == 2);
    CHECK(done->all_skipped == 2);
    REQUIRE(done->skipped.size() == 2);
    CHECK_THAT(done->skipped.front(), ContainsSubstring("out"));
    CHECK(fs::exists(in.path / "last"));
}
