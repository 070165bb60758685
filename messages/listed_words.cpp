// SPDX-License-Identifier: MIT
#include "messages/listed_words.hpp"

#include <fmt/format.h>

#include <array>

namespace gestvenv {

std::string listed(std::span<const std::string_view> words, std::string_view last) {
    std::string text;
    for (std::size_t index = 0; index < words.size(); ++index) {
        if (index > 0)
            text += index + 1 == words.size() ? fmt::format(" {} ", last) : ", ";
        text += words[index];
    }
    return text;
}

std::string in_words(std::size_t count) {
    constexpr std::array words{"zero",  "one",   "two",  "three", "four",   "five",  "six",
                               "seven", "eight", "nine", "ten",   "eleven", "twelve"};
    return count < words.size() ? words[count] : std::to_string(count);
}

} // namespace gestvenv
