// SPDX-License-Identifier: MIT
// A command's text to its arguments and back; and arguments (the input, cut at each NUL) to text and back.
#include "tools/fuzzing/check.hpp"

#include "messages/command_line_text.hpp"

#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::fuzzing;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto text = as_text(data, size);
    if (auto arguments = split_command(text)) {
        require(!arguments->empty(), "a command has a program");
        auto back = split_command(quote_command(*arguments));
        require(back && *back == *arguments, "what is split and quoted is split alike");
    } else {
        require_told(arguments.error());
    }
    std::vector<std::string> arguments;
    for (std::size_t at = 0; at <= text.size();) {
        auto end = std::min(text.find('\0', at), text.size());
        arguments.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    auto split = split_command(quote_command(arguments));
    require(split && *split == arguments, "what is quoted is split into the same");
    return 0;
}
