// SPDX-License-Identifier: MIT
#include "messages/command_line_text.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

using namespace gestvenv;

namespace {

using words = std::vector<std::string>;

std::string refusal(std::string_view text) {
    auto result = split_command(text);
    return result ? std::string{} : result.error().message;
}

/// The words sh(1) makes of `text`.
words shell_words(const std::string& text) {
    auto script = "printf '%s\\036' " + text; // a record separator, which the texts below do not hold
    std::string command = "exec sh -c " + quote_command(words{script}) + " 2>/dev/null";
    FILE* output = popen(command.c_str(), "r"); // NOLINT(cert-env33-c): the point is to ask the shell
    REQUIRE(output != nullptr);
    words result(1);
    for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) {
        if (c == '\036')
            result.emplace_back();
        else
            result.back() += static_cast<char>(c);
    }
    CHECK(pclose(output) == 0);
    result.pop_back();
    return result;
}

} // namespace

TEST_CASE("a command is split at white space") {
    CHECK(split_command("python --version") == words{"python", "--version"});
    CHECK(split_command("  a\t b \n") == words{"a", "b"});
    CHECK(split_command("\nmake\n") == words{"make"});
}

TEST_CASE("quotes and backslashes keep what they quote") {
    CHECK(split_command("python -c 'import requests; print(\"OK\")'") ==
          words{"python", "-c", "import requests; print(\"OK\")"});
    CHECK(split_command(R"(a "b c" d\ e 'f'"g"\h)") == words{"a", "b c", "d e", "fgh"});
    CHECK(split_command(R"(a "\"\\\$\`\n")") == words{"a", R"("\$`\n)"});
    CHECK(split_command(R"(a '\n' '')") == words{"a", R"(\n)", ""});
    CHECK(split_command("a \"two\nlines\" 'and\nmore'") == words{"a", "two\nlines", "and\nmore"});
    CHECK(split_command("a b\\\nc \\\n d \"e\\\nf\"") == words{"a", "bc", "d", "ef"});
    CHECK(split_command("''") == words{""});
}

TEST_CASE("what needs no shell needs no quotes either") {
    CHECK(split_command("pip install django==4.* requests[socks] foo~=1.0") ==
          words{"pip", "install", "django==4.*", "requests[socks]", "foo~=1.0"});
    CHECK(split_command("grep ^a$ f --x=1 a#b %") == words{"grep", "^a$", "f", "--x=1", "a#b", "%"});
    CHECK(split_command("echo \"a$\" \"$'\" \"$ \" \xC3\xA9\xFF") ==
          words{"echo", "a$", "$'", "$ ", "\xC3\xA9\xFF"});
}

TEST_CASE("what only a shell understands is refused with its place and a hint at shell=true") {
    for (std::string_view text :
         {"a; b",      "a | b",  "a && b",    "a > f",       "a < f",         "(a)",         "a `b`",
          "a \"`b`\"", "a $(b)", "a $HOME",   "a \"$HOME\"", "a ${X}",        "a $1",        "a $?",
          "a $$",      "a $[1]", "a $'x'",    "a $\"x\"",    "a\nb",          "a # b",       "#a",
          "a ~",       "~/b",    "a ~root/b", "A=1 b",       "A_2=\"x y\" b", "a $\\\nHOME", "a b;"}) {
        INFO(text);
        auto result = split_command(text);
        REQUIRE_FALSE(result);
        CHECK(result.error().code == error_code::invalid_argument);
        CHECK(result.error().hint.find("shell=true") != std::string::npos);
        CHECK(result.error().message.find("at character") != std::string::npos);
    }
    CHECK(refusal("ab; c") ==
          "the command holds an unquoted ; at character 3, which only a shell understands");
    CHECK(refusal("ab\n c") ==
          "the command holds an unquoted newline at character 3, which only a shell understands");
}

TEST_CASE("the same characters are data when they are quoted") {
    CHECK(split_command(R"text(a ';' "|&<>" \# '~' '$HOME' \$HOME "\$(x)" 'A=1')text") ==
          words{"a", ";", "|&<>", "#", "~", "$HOME", "$HOME", "$(x)", "A=1"});
    CHECK(split_command("'A'=1 b") == words{"A=1", "b"});
    CHECK(split_command("a A=1") == words{"a", "A=1"});
}

TEST_CASE("a quote that is never closed is refused with its place") {
    CHECK(refusal("a 'b c") == "the single quote at character 3 is never closed");
    CHECK(refusal("a \"b\\\" c") == "the double quote at character 3 is never closed");
    CHECK(refusal("a\\") == "the command ends in a backslash");
}

TEST_CASE("a command without a word, or with a NUL byte, is refused") {
    CHECK(refusal("") == "the command is empty");
    CHECK(refusal(" \n\t ") == "the command is empty");
    CHECK(refusal(std::string_view{"a\0b", 3}) == "the command holds a NUL byte at character 2");
}

TEST_CASE("an error never quotes the command, which may hold a secret") {
    for (auto text : {"TOKEN=hunter2 a", "a hunter2; b", "a 'hunter2", "a hunter2\nb"})
        CHECK(render(split_command(text).error()).find("hunter2") == std::string::npos);
}

TEST_CASE("arguments are quoted only where needed") {
    CHECK(quote_command(words{"python", "-c", "print(1)", "--x=a,b", ""}) ==
          "python -c 'print(1)' --x=a,b ''");
    CHECK(quote_command(words{"it's"}) == R"('it'\''s')");
    CHECK(quote_command(words{"A=1", "A=1"}) == "'A=1' A=1");
    CHECK(quote_command(words{"~", "#"}) == "'~' '#'");
}

TEST_CASE("quoted arguments split into the same arguments again, here and in a shell") {
    std::mt19937 random{20250301};
    const std::string alphabet = "ab =~#$'\"\\\n\t;*?[]{}()!-\xC3\xA9";
    auto pick = std::uniform_int_distribution<std::size_t>{0, alphabet.size() - 1};
    for (int round = 0; round < 100; ++round) {
        words arguments(1 + static_cast<std::size_t>(round) % 4);
        for (auto& argument : arguments)
            for (int length = round % 8; length > 0; --length)
                argument += alphabet[pick(random)];
        auto text = quote_command(arguments);
        INFO(text);
        CHECK(split_command(text) == arguments);
        CHECK(shell_words(text) == arguments);
    }
}

TEST_CASE("a text that is accepted is split as sh splits it") {
    std::mt19937 random{20250302};
    const std::string alphabet = "ab ='\"\\\n$~#;'\" \\";
    auto pick = std::uniform_int_distribution<std::size_t>{0, alphabet.size() - 1};
    int accepted = 0;
    while (accepted < 200) {
        std::string text = "p ";
        for (int length = 0; length < 9; ++length)
            text += alphabet[pick(random)];
        auto ours = split_command(text);
        if (!ours)
            continue;
        ++accepted;
        INFO(text);
        CHECK(shell_words(text) == *ours);
    }
}
