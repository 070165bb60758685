// SPDX-License-Identifier: MIT
#include "tests/end_to_end/console_at_terminal.hpp"

#include "tests/support/places.hpp"

#include <utility>

namespace gestvenv::test {

namespace {

std::vector<std::string> with_program(std::vector<std::string> words) {
    words.insert(words.begin(), built_program);
    return words;
}

const surroundings& prepared(scene& place) {
    auto& variables = place.where().variables;
    variables["TERM"] = "xterm";
    variables["NO_COLOR"] = "1";
    variables["HOME"] = place.folder().string(); // no ~/.editrc
    return place.where();
}

} // namespace

console_at_terminal::console_at_terminal(scene& place, std::vector<std::string> words)
    : session_(with_program(std::move(words)), prepared(place)) {
    session_.resize(120);
    session_.wait_for("> ");
}

void console_at_terminal::begin(const std::string& line, const std::string& expected) {
    session_.type(line + "\r");
    if (!expected.empty())
        session_.wait_for(expected);
}

void console_at_terminal::answer(const std::string& line, const std::string& expected) {
    begin(line, expected);
    wait_for_prompt();
}

void console_at_terminal::use(const std::string& environment) {
    prompt_ = environment.empty() ? "gestvenv> " : "gestvenv " + environment + "> ";
    answer(environment.empty() ? "use" : "use " + environment, "");
}

} // namespace gestvenv::test
