// SPDX-License-Identifier: MIT
#include "tools/gestvenv/completion/word_completion.hpp"

#include "tools/gestvenv/commands.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace gestvenv::cli;

using words = std::vector<std::string>;
using kind = completion::kind;

namespace {

completion at_end_of(const words& before) {
    return complete_words(program_command, before);
}

words words_at_end_of(const words& before) {
    auto found = at_end_of(before);
    REQUIRE(found.what == kind::words);
    words all;
    for (const auto& one : found.suggestions)
        all.push_back(one.word);
    return all;
}

bool offers(const words& before, const std::string& word) {
    const auto all = words_at_end_of(before);
    return std::find(all.begin(), all.end(), word) != all.end();
}

} // namespace

TEST_CASE("commands are completed at their place, with their sentences") {
    CHECK(words_at_end_of({"ephem"}) == words{"ephemeral"});
    CHECK(words_at_end_of({"ephemeral", "cl"}) == words{"cleanup"});
    CHECK(words_at_end_of({"-v", "--config", "x", "ephemeral", "cl"}) == words{"cleanup"});
    CHECK(at_end_of({"doc"}).suggestions.front().description.ends_with('.'));
    CHECK(offers({}, "run"));
    CHECK(offers({""}, "run"));
    CHECK_FALSE(offers({""}, "__complete"));
    CHECK(words_at_end_of({"nonesuch", ""}).empty());
}

TEST_CASE("options are completed: the command's and the program's, those that are given once not again") {
    CHECK(words_at_end_of({"run", "--backe"}) == words{"--backend"});
    CHECK(offers({"run", "--"}, "--offline"));
    CHECK(offers({"run", "--"}, "--help"));
    CHECK_FALSE(offers({"run", "--"}, "--version"));
    CHECK(offers({"--"}, "--version"));
    CHECK_FALSE(offers({"run", "--backend", "uv", "--"}, "--backend"));
    CHECK(offers({"run", "--tag", "a=b", "--"}, "--tag"));
    CHECK_FALSE(offers({"node", "start", "--"}, "--ready-descriptor")); // for the program's own use
    CHECK(at_end_of({"run", "--backe"}).suggestions.front().description.starts_with("package installer"));
}

TEST_CASE("the value of an option is completed behind a space and behind an equals sign") {
    CHECK(words_at_end_of({"run", "--storage", "m"}) == words{"memory"});
    CHECK(words_at_end_of({"run", "--storage=m"}) == words{"--storage=memory"});
    CHECK(words_at_end_of({"run", "--name", ""}).empty());
    CHECK(words_at_end_of({"run", "--nonesuch=m"}).empty());
    auto file = at_end_of({"run", "--requirements", "a"});
    CHECK(file.what == kind::files);
    CHECK(file.at == 0);
    file = at_end_of({"run", "--requirements=a"});
    CHECK(file.what == kind::files);
    CHECK(file.at == 15);
    CHECK(at_end_of({"run", "--project", ""}).what == kind::folders);
    CHECK(offers({"run", "--pass-env", "PAT"}, "PATH"));
}

TEST_CASE("behind run and exec another program's command line begins, at its own place") {
    auto found = at_end_of({"run", "py"});
    CHECK(found.what == kind::command);
    CHECK(found.at == 1);
    found = at_end_of({"run", "--packages", "a,b", "--", "python", "--ver"});
    CHECK(found.what == kind::command);
    CHECK(found.at == 4);
    CHECK(at_end_of({"run", "--", ""}).at == 2);
    CHECK(at_end_of({"run", "python", "--backend"}).at == 1);
    found = at_end_of({"ephemeral", "exec", "ci-test", "--timeout", "3", "--", "py"});
    CHECK(found.what == kind::command);
    CHECK(found.at == 6);
    CHECK(at_end_of({"ephemeral", "exec", "ci-test", "py"}).at == 3);
}

TEST_CASE("operands are completed at their place, behind `--` too") {
    CHECK(words_at_end_of({"config", "get", "default_tt"}) == words{"default_ttl"});
    CHECK(words_at_end_of({"config", "set", "default_ttl", ""}).empty());
    CHECK(words_at_end_of({"config", "get", "--", "default_tt"}) == words{"default_ttl"});
    CHECK(words_at_end_of({"completion", ""}) == words{"bash", "zsh", "fish"});
    CHECK(words_at_end_of({"completion", "--", "--he"}).empty());
}

TEST_CASE("an operand of cp may be a path of this machine, unless it names an environment") {
    CHECK(at_end_of({"ephemeral", "cp", "li"}).what == kind::files);
    CHECK(at_end_of({"ephemeral", "cp", "-", "./with:colon"}).what == kind::files);
    CHECK(at_end_of({"ephemeral", "cp", "ci-test:li"}).what == kind::words);
}

TEST_CASE("an answer has a line of its kind, and a line for each word") {
    CHECK(completion_text({kind::files, {}, 15}) == "files 15\n");
    CHECK(completion_text({kind::files, {{"ci-test:", ""}}, 0}) == "files 0\nci-test:\n");
    CHECK(completion_text({kind::words, {{"a", "is a"}, {"b", ""}, {"two\nlines", ""}}, 0}) ==
          "words 0\na\tis a\nb\n");
}
