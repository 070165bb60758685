// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/event_stream.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace gestvenv::cli;

namespace {

constexpr std::string_view stream = ": events follow\n\nevent: environment_ready\nid: 1\ndata: {\"a\":1}\n\n"
                                    "event: gone\nid: 2\ndata:{\"b\":2}\n\n";

} // namespace

TEST_CASE("events are put together whatever the pieces are in which they come") {
    for (std::size_t size : {std::size_t{1}, std::size_t{7}, stream.size()}) {
        event_reader reader;
        std::vector<std::string> seen;
        for (std::size_t at = 0; at < stream.size(); at += size)
            CHECK(reader.read(stream.substr(at, size), [&](std::string_view data) {
                seen.emplace_back(data);
                return true;
            }));
        CHECK(seen == std::vector<std::string>{"{\"a\":1}", "{\"b\":2}"});
    }
}

TEST_CASE("a stream ends where its reader has enough, and where a line does not end") {
    event_reader reader;
    int count = 0;
    CHECK_FALSE(reader.read(stream, [&](std::string_view) { return ++count > 1; }));
    CHECK(count == 1);
    event_reader endless;
    const std::string piece(1 << 16, 'x');
    bool goes_on = true;
    for (int i = 0; i < 256 && goes_on; ++i) // 16 MiB
        goes_on = endless.read(piece, [](std::string_view) { return true; });
    CHECK_FALSE(goes_on);
}
