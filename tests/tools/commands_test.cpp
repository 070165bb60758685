// SPDX-License-Identifier: MIT
// What the list of commands says of itself: help, completion and whatever else goes by it rely on that.
#include "system/python/backends/registry.hpp"
#include "tests/tools/parsing.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <functional>
#include <set>

using namespace gestvenv;
using namespace gestvenv::test;

using words = std::vector<std::string>;
using choices = std::vector<std::string_view>;

namespace {

/// Calls `look` for every command, with the words that name it.
void visit(const cli::command& above, const words& names,
           const std::function<void(const cli::command&, const words&)>& look) {
    for (const auto* below : above.commands) {
        auto its_names = names;
        its_names.emplace_back(below->name);
        look(*below, its_names);
        visit(*below, its_names, look);
    }
}

void visit_all(const std::function<void(const cli::command&, const words&)>& look) {
    visit(cli::program_command, {}, look);
}

const cli::command& named(const words& names) {
    const auto* found = &cli::program_command;
    for (const auto& name : names) {
        auto below = std::find_if(found->commands.begin(), found->commands.end(),
                                  [&](const auto* one) { return one->name == name; });
        REQUIRE(below != found->commands.end());
        found = *below;
    }
    return *found;
}

choices words_of(const words& command, std::string_view option) {
    auto declared = cli::declare(named(command));
    const auto* found = declared.options.find(option);
    REQUIRE(found != nullptr);
    return found->words;
}

choices names_of_backends() {
    choices names;
    for (const auto* one : python::all_backends())
        names.push_back(one->name());
    return names;
}

} // namespace

TEST_CASE("every command has a sentence of its own, and either acts or has commands below it") {
    std::set<std::string_view> sentences;
    visit_all([&](const cli::command& one, const words& names) {
        CAPTURE(names);
        CHECK(one.description.ends_with('.'));
        CHECK(sentences.insert(one.description).second);
        const auto& does = one.action;
        const bool acts = does.make != nullptr && does.add_options != nullptr && does.check != nullptr &&
                          does.run != nullptr;
        CHECK(acts == one.commands.empty());
    });
    CHECK(!sentences.empty());
}

TEST_CASE("every command's help has its sentence, its operands and each of its options") {
    visit_all([](const cli::command& one, const words& names) {
        auto asking = names;
        asking.emplace_back("--help");
        auto text = parsed_text(asking).text;
        CAPTURE(text);
        CHECK(text.starts_with(one.description));
        auto operands = one.commands.empty() ? std::string{one.operands} : "COMMAND";
        CHECK(text.find(" [OPTION...]" + (operands.empty() ? "" : " " + operands) + "\n") !=
              std::string::npos);
        auto declared = cli::declare(one);
        for (const auto& option : declared.options.all())
            if (!option.text.group.empty()) // else it is for this program's own use
                CHECK(text.find(std::string{option.text.name} + " ") != std::string::npos);
    });
}

TEST_CASE("no command has two options of a name, nor one of the program's own") {
    cli::global_options global;
    cli::option_table own;
    cli::add_global_options(own, global);
    visit_all([&](const cli::command& one, const words& names) {
        CAPTURE(names);
        auto declared = cli::declare(one);
        std::set<std::string_view> seen;
        for (const auto& option : declared.options.own()) {
            CAPTURE(option.text.name);
            CHECK(option.text.name.starts_with("--"));
            CHECK(own.find(option.text.name) == nullptr);
            CHECK(seen.insert(option.text.name).second);
        }
    });
}

TEST_CASE("an option that takes one of some words lists them") {
    auto backends = names_of_backends();
    CHECK(words_of({"doctor"}, "--backend") == backends);
    backends.emplace_back("auto");
    CHECK(words_of({"run"}, "--backend") == backends);
    CHECK(words_of({"run"}, "--storage") == choices{"tmpfs", "memory", "disk"});
    CHECK(words_of({"run"}, "--shm") == choices{"private", "host"});
    CHECK(words_of({"run"}, "--home") == choices{"private", "host"});
    CHECK(words_of({"run"}, "--security") == choices{"restricted", "permissive"});
    CHECK(words_of({"run"}, "--isolation") == choices{"process"});
    CHECK(words_of({"run"}, "--name").empty());
    CHECK(words_of({"doctor"}, "--format") == choices{"table", "json"});
    CHECK(words_of({"config", "show"}, "--format") == choices{"toml", "json"});
    CHECK(words_of({"ephemeral", "list"}, "--format") == choices{"table", "json"});
}

TEST_CASE("every word that an option lists is taken, and no other") {
    visit_all([](const cli::command& one, const words& names) {
        auto declared = cli::declare(one);
        for (const auto& option : declared.options.own()) {
            if (option.words.empty())
                continue;
            CAPTURE(names, option.text.name);
            const std::string name{option.text.name};
            for (auto word : option.words)
                CHECK(option.read(name, std::string{word}));
            CHECK(!option.read(name, "none-of-these"));
        }
    });
}

TEST_CASE("operands that are names of something list them at their place") {
    for (const char* command : {"get", "set", "reset"}) {
        auto complete = named({"config", command}).complete;
        REQUIRE(complete != nullptr);
        auto keys = complete(0);
        CHECK(std::find(keys.begin(), keys.end(), "default_ttl") != keys.end());
        CHECK(complete(1).empty());
    }
    CHECK(named({"ephemeral", "show"}).complete != nullptr);
    CHECK(named({"run"}).complete == nullptr);
}

TEST_CASE("run, exec and shell alone take the words of another program") {
    int count = 0;
    visit_all([&](const cli::command& one, const words& /*names*/) { count += one.passes_words_on ? 1 : 0; });
    CHECK(count == 3);
    CHECK(named({"run"}).passes_words_on);
    CHECK(named({"ephemeral", "exec"}).passes_words_on);
    CHECK(named({"ephemeral", "shell"}).passes_words_on);
}
