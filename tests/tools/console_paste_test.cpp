// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/pasted_text.hpp"

#include "system/posix/descriptor.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <clocale>
#include <string>
#include <string_view>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::cli;

namespace {

/// What is read of a paste, and how many bytes are left behind it.
struct read_paste {
    std::wstring text;
    std::string rest;
};

read_paste read_of(std::string_view bytes) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const descriptor reading{pipe[0]};
    descriptor writing{pipe[1]};
    REQUIRE(::write(writing.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    writing.reset();
    pasted_text pasted;
    pasted.read(reading.get());
    read_paste result;
    while (const auto next = pasted.next())
        result.text += *next;
    std::array<char, 64> rest{};
    const auto count = ::read(reading.get(), rest.data(), rest.size());
    result.rest.assign(rest.data(), static_cast<std::size_t>(count));
    return result;
}

} // namespace

TEST_CASE("what is pasted has the lines that it was copied with, and no keys") {
    REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
    CHECK(as_typed("a\rb\r\nc\n\nd") == L"a\nb\nc\n\nd");
    CHECK(as_typed("run\tx\x03\x04\x1b[A\x7f") == L"run x[A");
    CHECK(as_typed("h\xc3\xa9\xff!") == L"h\u00e9!");
    CHECK(as_typed(std::string_view{"a\0b", 3}) == L"ab");
    CHECK(as_typed("").empty());
}

TEST_CASE("a paste is read to its end and no further, and one that is cut off as far as it goes") {
    auto read = read_of("list\rstats\x1b[201~q");
    CHECK(read.text == L"list\nstats");
    CHECK(read.rest == "q");
    read = read_of("list\rst");
    CHECK(read.text == L"list\nst");
    CHECK(read.rest.empty());
}

TEST_CASE("what was pasted and not taken is kept for a second paste, until it is dropped") {
    pasted_text pasted;
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const descriptor reading{pipe[0]};
    const descriptor writing{pipe[1]};
    for (const std::string_view bytes : {"ab\x1b[201~", "c\x1b[201~"}) {
        REQUIRE(::write(writing.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
        pasted.read(reading.get());
    }
    CHECK(pasted.next() == L'a');
    CHECK(pasted.next() == L'b');
    pasted.drop();
    CHECK_FALSE(pasted.next());
}
