// SPDX-License-Identifier: MIT
// Files in and out of a living environment.
#include "tests/net/embedded_node.hpp"
#include "tests/net/files/folder_fixture.hpp"
#include "tests/net/files/tar_file.hpp"
#include "tests/net/http_fixture.hpp"
#include "tests/support/resident_memory.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <fmt/format.h>

#include <sys/mman.h>

using namespace gestvenv;
using namespace gestvenv::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
namespace fs = std::filesystem;

namespace {

const std::pair<std::string, std::string> octets{"Content-Type", "application/octet-stream"};
const std::pair<std::string, std::string> tar{"Content-Type", "application/x-tar"};

nlohmann::json json_of(const http::response& answer) {
    INFO(answer.body);
    return nlohmann::json::parse(answer.body);
}

std::string code_of(const http::response& answer) {
    return json_of(answer).value("code", "");
}

fs::path large_file_in(const environment_info& env) {
    auto file = embedded_node::work_of(env) / "large";
    write_file(file, "x");
    fs::resize_file(file, std::uint64_t{64} << 20);
    return file;
}

// Of a download of the work folder: `meanwhile` runs after its first piece.
bool ends_well(const embedded_node& node, const environment_info& env,
               const std::function<void()>& meanwhile) {
    http::request wish;
    wish.method = "GET";
    wish.target = "/api/v1/ephemeral/environments/" + env.id + "/files";
    bool begun = false;
    auto answer = node.connect().ask_streamed(wish, [&](std::string_view) {
        if (!std::exchange(begun, true))
            meanwhile();
        return true;
    });
    REQUIRE(begun);
    return answer.has_value();
}

} // namespace

TEST_CASE("a file goes into an environment, is listed, comes out and is removed") {
    embedded_node node;
    auto env = node.create();
    auto files = env.id + "/files";
    auto put = node.ask("PUT", files + "?path=data/in.bin&parents=true&mode=0600", std::string("a\0b\xff", 4),
                        {octets});
    CHECK(put.status == 200);
    CHECK(json_of(put)["bytes"] == 4);
    CHECK(content_of(embedded_node::work_of(env) / "data/in.bin") == std::string("a\0b\xff", 4));
    auto got = node.ask("GET", files + "?path=data/in.bin");
    CHECK(got.status == 200);
    CHECK(got.body == std::string("a\0b\xff", 4));
    CHECK(*got.headers.find("Content-Type") == "application/octet-stream");
    auto list = json_of(node.ask("GET", files + "/list?path=data"));
    CHECK(list["items"][0]["name"] == "in.bin");
    CHECK(list["items"][0]["mode"] == "0600");
    CHECK(list["items"][0]["kind"] == "file");
    CHECK(list["next"].is_null());
    CHECK(node.ask("DELETE", files + "?path=data").status == 204);
    CHECK(node.ask("GET", files + "?path=data/in.bin").status == 404);
}

TEST_CASE("a file without a type, or without a byte, is a file too") {
    embedded_node node;
    auto env = node.create();
    CHECK(node.ask("PUT", env.id + "/files?path=plain", "text").status == 200);
    CHECK(node.ask("PUT", env.id + "/files?path=empty").status == 200);
    CHECK(node.ask("GET", env.id + "/files?path=plain").body == "text");
    CHECK(node.ask("GET", env.id + "/files?path=empty").body.empty());
}

TEST_CASE("a folder comes out as a tar stream, and goes in as one") {
    embedded_node node;
    auto from = node.create();
    auto to = node.create();
    auto archive = tar_file{}.add({.name = "bin/tool", .content = "#!/bin/sh\n", .mode = 0755}).bytes();
    CHECK(node.ask("PUT", from.id + "/files?path=in", archive, {tar}).status == 404);
    CHECK(node.ask("PUT", from.id + "/files?path=in&parents=true", archive, {tar}).status == 200);
    auto packed = node.ask("GET", from.id + "/files?path=in");
    CHECK(*packed.headers.find("Content-Type") == "application/x-tar");
    CHECK(json_of(node.ask("PUT", to.id + "/files", packed.body, {tar}))["bytes"] == 10);
    CHECK(content_of(embedded_node::work_of(to) / "bin/tool") == "#!/bin/sh\n");
    auto single = node.ask("GET", from.id + "/files?path=in/bin/tool", {}, {{"Accept", "application/x-tar"}});
    CHECK_THAT(single.body, StartsWith("tool"));
}

TEST_CASE("what is refused says why, and of which environment") {
    embedded_node node;
    auto env = node.create();
    auto files = env.id + "/files";
    const auto work = embedded_node::work_of(env);
    fs::create_symlink("/etc/passwd", work / "out");
    auto absolute = node.ask("GET", files + "?path=/etc/passwd");
    CHECK(absolute.status == 400);
    CHECK_THAT(absolute.body, ContainsSubstring("absolute"));
    CHECK(node.ask("GET", files + "?path=../../etc").status == 400);
    CHECK(node.ask("GET", files + "?path=%2e%2e/x").status == 400);
    auto out = node.ask("GET", files + "?path=out");
    CHECK(out.status == 403);
    CHECK(json_of(out)["environment"] == env.name);
    CHECK(code_of(node.ask("GET", files + "?path=missing")) == "not_found");
    CHECK(code_of(node.ask("GET", "missing/files?path=x")) == "environment_not_found");
    CHECK(node.ask("PUT", files + "?path=x", "{}", {{"Content-Type", "application/json"}}).status == 415);
    CHECK(node.ask("PUT", files + "?path=x&mode=999", "x").status == 400);
    CHECK(node.ask("PUT", files + "?path=x&mode=7777", "x").status == 400);
    auto trick = node.ask("PUT", files, tar_file{}.add({.name = "../../up", .content = "x"}).bytes(), {tar});
    CHECK(trick.status == 400);
    CHECK_THAT(trick.body, ContainsSubstring("../../up"));
    CHECK(node.ask("DELETE", files).status == 400);
    CHECK(node.ask("GET", files + "/list?cursor=?").status == 400);
}

TEST_CASE("a large file comes out and goes in without being held in memory") {
    embedded_node node;
    auto env = node.create();
    constexpr std::uint64_t size = std::uint64_t{256} << 20;
    write_file(embedded_node::work_of(env) / "large", "x");
    fs::resize_file(embedded_node::work_of(env) / "large", size);
    const auto before = resident_kilobytes();
    auto largest = before;
    for (const char* type : {"*/*", "application/x-tar"}) {
        http::request wish;
        wish.method = "GET";
        wish.target = "/api/v1/ephemeral/environments/" + env.id + "/files?path=large";
        wish.headers.add("Accept", type);
        std::uint64_t received = 0;
        auto answer = node.connect().ask_streamed(wish, [&](std::string_view piece) {
            received += piece.size();
            largest = std::max(largest, resident_kilobytes());
            return true;
        });
        REQUIRE(answer.has_value());
        CHECK(received >= size);
        CHECK(received <= size + 4096);
    }
    http::request wish;
    wish.method = "PUT";
    wish.target = "/api/v1/ephemeral/environments/" + env.id + "/files?path=copy";
    constexpr off_t sent = 64 << 20;
    wish.body_file = std::make_shared<descriptor>(::memfd_create("body", MFD_CLOEXEC));
    REQUIRE(::ftruncate(wish.body_file->get(), sent) == 0);
    auto answer = node.connect().ask(wish);
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    largest = std::max(largest, resident_kilobytes());
    CHECK(fs::file_size(embedded_node::work_of(env) / "copy") == sent);
    INFO(before << " kB before, at most " << largest << " kB");
    CHECK(largest - before < 32 * 1024);
}

TEST_CASE("clients that do not read their archive keep no other client waiting") {
    embedded_node node;
    auto env = node.create();
    write_file(embedded_node::work_of(env) / "large", "x");
    fs::resize_file(embedded_node::work_of(env) / "large", std::uint64_t{64} << 20);
    std::vector<raw_client> slow;
    for (std::size_t i = 0; i < 4 * files::file_workers::most_threads; ++i) {
        auto& client = slow.emplace_back(node.address());
        client.send(
            fmt::format("GET /api/v1/ephemeral/environments/{}/files HTTP/1.1\r\nHost: x\r\n\r\n", env.id));
        client.read_until("\r\n\r\n");
    }
    CHECK(json_of(node.ask("GET", env.id + "/files/list"))["items"].size() == 1);
    slow.clear();
    CHECK(node.ask("GET", env.id + "/files/list").status == 200);
}

TEST_CASE("an archive of a file that gets shorter does not end well") {
    embedded_node node;
    auto env = node.create();
    const auto file = large_file_in(env);
    CHECK_FALSE(ends_well(node, env, [&] { fs::resize_file(file, 1); }));
    CHECK(node.logs(env.id + "` was cut short: `large` has become shorter"));
}

TEST_CASE("an archive of an environment that is ended meanwhile does not end well") {
    embedded_node node;
    auto env = node.create();
    large_file_in(env);
    CHECK_FALSE(
        ends_well(node, env, [&] { CHECK(node.ask("DELETE", env.id + "?force=true").status == 200); }));
    CHECK(node.logs(env.id + "` was cut short: "));
}
