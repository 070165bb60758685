// SPDX-License-Identifier: MIT
#include "messages/iso_time.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;
using namespace std::chrono;

namespace {

system_clock::time_point at(nanoseconds since_epoch) {
    return system_clock::time_point{duration_cast<system_clock::duration>(since_epoch)};
}

} // namespace

TEST_CASE("a time is written in UTC with microseconds") {
    CHECK(to_iso_time(at(0s)) == "1970-01-01T00:00:00.000000Z");
    CHECK(to_iso_time(at(1740832496s + 789us)) == "2025-03-01T12:34:56.000789Z");
    CHECK(to_iso_time(at(-1us)) == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("a written time reads back to the microsecond") {
    for (auto when : {at(0s), at(1740832496s + 789us), at(-1us), at(951782400s)}) // the last is a 29 February
        CHECK(from_iso_time(to_iso_time(when)) == when);
}

TEST_CASE("a time with another zone, or none of a fraction, is read") {
    CHECK(from_iso_time("2025-03-01T12:34:56Z") == at(1740832496s));
    CHECK(from_iso_time("2025-03-01T14:34:56.5+02:00") == at(1740832496s + 500ms));
    CHECK(from_iso_time("2025-03-01T07:04:56.123456789-05:30") == at(1740832496s + 123456789ns));
}

TEST_CASE("a text that is no existing time with a zone is refused") {
    for (auto text :
         {"", "now", "2025-03-01", "2025-03-01T12:34:56", "2025-02-30T00:00:00Z", "2025-13-01T00:00:00Z",
          "2025-03-01T24:00:00Z", "2025-03-01T12:34:60Z", "2025-03-01T12:34:56.Z",
          "2025-03-01T12:34:56.1234567890Z", "2025-03-01T12:34:56Zjunk", "2025-03-01 12:34:56Z",
          "+025-03-01T12:34:56Z", "9999-01-01T00:00:00Z", "2025-03-01T12:34:56+2:00"})
        CHECK_FALSE(from_iso_time(text));
}
