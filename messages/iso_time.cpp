// SPDX-License-Identifier: MIT
#include "messages/iso_time.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace gestvenv {

namespace {

using std::chrono::system_clock;

/// Takes `count` digits from the front of `text` into `value`.
bool take_number(std::string_view& text, std::size_t count, int& value) noexcept {
    if (text.size() < count)
        return false;
    int number = 0;
    for (std::size_t index = 0; index < count; ++index) {
        if (text[index] < '0' || text[index] > '9')
            return false;
        number = number * 10 + (text[index] - '0');
    }
    value = number;
    text.remove_prefix(count);
    return true;
}

bool take_character(std::string_view& text, char expected) noexcept {
    if (text.empty() || text.front() != expected)
        return false;
    text.remove_prefix(1);
    return true;
}

/// Takes the digits after a decimal point; 1 to 9 of them.
bool take_fraction(std::string_view& text, std::chrono::nanoseconds& value) noexcept {
    std::int64_t number = 0;
    int digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits)
        if (digits < 9)
            number = number * 10 + (text.front() - '0');
    if (digits < 1 || digits > 9)
        return false;
    for (int filled = digits; filled < 9; ++filled)
        number *= 10;
    value = std::chrono::nanoseconds{number};
    return true;
}

/// Takes `Z`, `+HH:MM` or `-HH:MM`, the whole rest of the text.
bool take_zone(std::string_view& text, std::chrono::minutes& offset) noexcept {
    if (take_character(text, 'Z'))
        return text.empty();
    bool west = !text.empty() && text.front() == '-';
    if (!west && (text.empty() || text.front() != '+'))
        return false;
    text.remove_prefix(1);
    int hours = 0;
    int minutes = 0;
    if (!take_number(text, 2, hours) || !take_character(text, ':') || !take_number(text, 2, minutes) ||
        hours > 23 || minutes > 59)
        return false;
    offset = std::chrono::minutes{hours * 60 + minutes} * (west ? -1 : 1);
    return text.empty();
}

} // namespace

std::string to_iso_time(system_clock::time_point when) {
    using namespace std::chrono;
    auto exact = floor<microseconds>(when);
    auto day = floor<days>(exact);
    year_month_day date{day};
    hh_mm_ss time{exact - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

std::optional<system_clock::time_point> from_iso_time(std::string_view text) {
    using namespace std::chrono;
    int year_number = 0;
    int month_number = 0;
    int day_number = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    bool read = take_number(text, 4, year_number) && take_character(text, '-') &&
                take_number(text, 2, month_number) && take_character(text, '-') &&
                take_number(text, 2, day_number) && take_character(text, 'T') && take_number(text, 2, hour) &&
                take_character(text, ':') && take_number(text, 2, minute) && take_character(text, ':') &&
                take_number(text, 2, second);
    if (!read || hour > 23 || minute > 59 || second > 59)
        return std::nullopt;
    // A day of margin on either side keeps the zone's offset within what the clock's 64 bits can hold.
    if (year_number < 1678 || year_number > 2261)
        return std::nullopt;
    year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                        day{static_cast<unsigned>(day_number)}};
    if (!date.ok())
        return std::nullopt;
    nanoseconds fraction{0};
    if (take_character(text, '.') && !take_fraction(text, fraction))
        return std::nullopt;
    minutes offset{0};
    if (!take_zone(text, offset))
        return std::nullopt;
    auto when = sys_days{date} + hours{hour} + minutes{minute} + seconds{second} - offset + fraction;
    return time_point_cast<system_clock::duration>(when);
}

} // namespace gestvenv
