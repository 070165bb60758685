// SPDX-License-Identifier: MIT
// From four recorded environments to one description, without an interpreter.
#include "system/python/layout_recording.hpp"

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>

using namespace gestvenv;
using namespace gestvenv::python;

namespace {

using text_maker = std::function<std::string(const layout_values&)>;

recorded_environment environment(layout_values values, const text_maker& make) {
    auto text = make(values);
    return {std::move(values), {{layout_entry_kind::file, 0644, "script", std::move(text)}}};
}

layout_recording record(const text_maker& make) {
    return {environment({"/s/sample-1 it's \"x\" \\d", "prompt-1 it's \"x\" \\d"}, make),
            environment({"/s/sample-2 it's \"x\" \\d", {}}, make),
            environment({"/s/sample-3", "prompt-3"}, make), environment({"/s/sample-4", {}}, make)};
}

std::string name_of(const layout_values& values) {
    return values.venv_path.substr(3);
}

std::string prompt_of(const layout_values& values) {
    return values.prompt.value_or(name_of(values));
}

} // namespace

TEST_CASE("the quoting of a recorded value is recognised") {
    using enum layout_quoting;
    for (auto quoting : {none, shell_word, shell_inner, powershell_inner, python_repr}) {
        auto layout = make_layout(record([quoting](const layout_values& values) {
            return "A=" + quoted(values.venv_path, quoting) + ";";
        }));
        INFO(to_string(quoting));
        REQUIRE(layout);
        REQUIRE(layout->entries.size() == 1);
        CHECK(layout->entries[0].content[1] == layout_segment{layout_value::venv_path, quoting, {}});
        CHECK(layout->entries[0].condition == layout_condition::always);
    }
}

TEST_CASE("a value inside literal single quotes is told from a quoted word") {
    auto layout = make_layout(record([](const layout_values& values) {
        return "A='" + quoted(values.venv_path, layout_quoting::shell_inner) + "'";
    }));
    REQUIRE(layout);
    CHECK(layout->entries[0].content[1].quoting == layout_quoting::shell_inner);
}

TEST_CASE("path, name and prompt are told apart where one contains another") {
    auto layout = make_layout(record([](const layout_values& values) {
        return values.venv_path + "|" + name_of(values) + "|(" + prompt_of(values) + ") ";
    }));
    REQUIRE(layout);
    const auto& content = layout->entries[0].content;
    REQUIRE(content.size() == 6);
    CHECK(content[0].value == layout_value::venv_path);
    CHECK(content[2].value == layout_value::venv_name);
    CHECK(content[4].value == layout_value::prompt);
}

TEST_CASE("a file that is another one without a prompt is described twice") {
    auto layout = make_layout(record([](const layout_values& values) {
        return values.prompt ? "prompt = " + quoted(*values.prompt, layout_quoting::python_repr) : "none";
    }));
    REQUIRE(layout);
    REQUIRE(layout->entries.size() == 2);
    CHECK(layout->entries[0].condition == layout_condition::with_prompt);
    CHECK(layout->entries[1].condition == layout_condition::without_prompt);
}

TEST_CASE("an unknown quoting is described for plain values alone") {
    auto layout = make_layout(record([](const layout_values& values) {
        return needs_no_quoting(prompt_of(values)) ? "P=" + prompt_of(values)
                                                   : std::string{"P=<quoted somehow>"};
    }));
    REQUIRE(layout);
    REQUIRE(layout->entries.size() == 1);
    CHECK(layout->entries[0].condition == layout_condition::always);
    CHECK(layout->entries[0].content[1].quoting == layout_quoting::plain_only);
}

TEST_CASE("a file that is there only without a prompt is an error that names it") {
    auto recording = record([](const layout_values&) { return "same"; });
    recording.plain_without_prompt.entries.push_back({layout_entry_kind::file, 0644, "surprise", ""});
    auto layout = make_layout(recording);
    REQUIRE_FALSE(layout);
    CHECK(layout.error().message.find("surprise") != std::string::npos);
}
