// SPDX-License-Identifier: MIT
#include "net/operations/operation_output.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;

namespace {

constexpr auto out = output_stream::standard_output;
constexpr auto err = output_stream::standard_error;

} // namespace

TEST_CASE("output is read again from any offset, piece by piece and in its order") {
    operation_output output;
    CHECK_FALSE(output.read(0));
    output.take(out, "one");
    output.take(err, "two");
    auto first = output.read(0);
    REQUIRE(first);
    CHECK(first->text == "one");
    CHECK(first->stream == out);
    auto middle = output.read(1);
    REQUIRE(middle);
    CHECK(middle->offset == 1);
    CHECK(middle->text == "ne");
    auto second = output.read(3);
    REQUIRE(second);
    CHECK(second->offset == 3);
    CHECK(second->stream == err);
    CHECK_FALSE(output.read(6));
    CHECK_FALSE(output.ended());
    output.end();
    CHECK(output.ended());
}

TEST_CASE("without an owner the oldest output goes, and the command never waits") {
    operation_output output;
    const std::string piece(64 << 10, 'x');
    for (int i = 0; i < 100; ++i)
        CHECK(output.take(out, piece));
    auto oldest = output.read(0);
    REQUIRE(oldest);
    CHECK(oldest->offset >= 100 * piece.size() - operation_output::most_kept - piece.size());
}

TEST_CASE("a command waits for the client that owns it, and goes on when that has read or has gone") {
    operation_output output;
    int resumed = 0;
    output.on_room([&] { ++resumed; });
    output.owner_has_read(0);
    const std::string piece(256 << 10, 'x');
    int taken = 0;
    while (output.take(out, piece) && taken < 100)
        ++taken;
    CHECK(taken < 5);
    REQUIRE(output.read(0));
    CHECK(output.read(0)->offset == 0); // nothing is lost
    SECTION("it has read") {
        output.owner_has_read(3 * piece.size());
    }
    SECTION("it has gone") {
        output.no_owner();
    }
    CHECK(resumed == 1);
}

TEST_CASE("what its owner has not read stays when the command ends, and goes with the owner") {
    operation_output output;
    output.owner_has_read(0);
    const std::string piece(operation_output::most_kept_afterwards, 'x');
    for (int i = 0; i < 8; ++i)
        output.take(out, piece);
    output.end();
    for (std::uint64_t offset = 0; offset < 8 * piece.size(); offset += piece.size()) {
        const auto next = output.read(offset);
        REQUIRE(next);
        CHECK(next->offset == offset);
        output.owner_has_read(offset + piece.size());
    }
    output.no_owner();
    const auto kept = output.read(0);
    REQUIRE(kept);
    CHECK(kept->offset == 7 * piece.size());
}

TEST_CASE("followers hear of each change until they follow no more") {
    operation_output output;
    int heard = 0;
    auto follower = output.follow([&] { ++heard; });
    output.take(out, "x");
    CHECK(heard == 1);
    output.unfollow(follower);
    output.take(out, "y");
    output.end();
    CHECK(heard == 1);
}
