// SPDX-License-Identifier: MIT
// What the targets hold to be true of a parser: where it is not, the run ends and libFuzzer keeps the input.
#pragma once

#include "messages/outcome.hpp"
#include "messages/text_encoding.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace gestvenv::fuzzing {

inline void require(bool holds, const char* what) {
    if (holds)
        return;
    std::fprintf(stderr, "what does not hold: %s\n", what);
    std::abort();
}

/// An error has something to say, and can be printed.
inline void require_told(const error& problem) {
    require(problem.code != error_code{}, "an error has a code");
    require(!problem.message.empty(), "an error has a message");
    require(is_utf8(render(problem)), "an error's text is UTF-8");
    require(render(problem).size() < 65'536, "an error's text is no copy of the input");
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return size == 0 ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(data), size};
}

/// Which of `count` an input is for: its first byte, a letter from `a` on where people write it.
inline std::size_t take_choice(std::string_view& input, std::size_t count) {
    if (input.empty())
        return 0;
    auto choice = static_cast<std::uint8_t>(static_cast<unsigned char>(input.front()) - 'a') % count;
    input.remove_prefix(1);
    return choice;
}

} // namespace gestvenv::fuzzing

/// What libFuzzer calls with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
