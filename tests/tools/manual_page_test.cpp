// SPDX-License-Identifier: MIT
#include "tools/gestvenv/manual/manual_page.hpp"

#include "tools/gestvenv/commands.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>

using namespace gestvenv::cli;

namespace {

std::string page_named(const std::string& name) {
    const auto pages = manual_pages(program_command, "2026-01-31");
    const auto found =
        std::find_if(pages.begin(), pages.end(), [&](const auto& one) { return one.name == name; });
    REQUIRE(found != pages.end());
    return found->text;
}

std::string escaped(std::string_view option) {
    std::string text;
    for (char c : option)
        text += c == '-' ? "\\-" : std::string(1, c);
    return text;
}

void check_options(const command& what, const std::string& page) {
    CAPTURE(what.name);
    const auto declared = declare(what);
    for (const auto& one : declared.options.own())
        if (!one.text.group.empty()) {
            CAPTURE(one.text.name);
            CHECK(page.find("\\fB" + escaped(one.text.name) + "\\fR") != std::string::npos);
        }
    for (const auto* below : what.commands)
        if (!below->hidden) {
            CHECK(page.find("\n.SS gestvenv ") != std::string::npos);
            check_options(*below, page);
        }
}

} // namespace

TEST_CASE("every command that is shown has a manual page, with each of its options") {
    std::size_t pages = 1;
    for (const auto* below : program_command.commands) {
        if (below->hidden)
            continue;
        ++pages;
        check_options(*below, page_named("gestvenv-" + std::string{below->name} + ".1"));
    }
    CHECK(manual_pages(program_command, "").size() == pages);
    const auto whole = page_named("gestvenv.1");
    CHECK(whole.find("\\fBgestvenv\\-run\\fR(1)") != std::string::npos);
    CHECK(whole.find("\\fB\\-\\-version\\fR") != std::string::npos);
    CHECK(whole.find("__complete") == std::string::npos);
}

TEST_CASE("a manual page has the sections that readers look for, and the date of the sources") {
    const auto page = page_named("gestvenv-run.1");
    CHECK(page.find(".TH GESTVENV\\-RUN 1 \"2026\\-01\\-31\" ") != std::string::npos);
    std::size_t at = 0;
    for (const char* title : {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT",
                              "FILES", "EXAMPLES", "SEE ALSO"}) {
        CAPTURE(title);
        const auto found = page.find(std::string{"\n.SH "} + title + "\n");
        REQUIRE(found != std::string::npos);
        CHECK(found > at);
        at = found;
    }
    CHECK(page.find("gestvenv\\-run \\- makes an environment") != std::string::npos);
    CHECK(page.find("\\fB124\\fR\n\\-\\-timeout passed\n") != std::string::npos);
    CHECK(page.find("\ngestvenv run \\-\\-env ci\\-test pytest tests/\n") != std::string::npos);
    CHECK(page.find(".BR gestvenv\\-ephemeral (1),\n") != std::string::npos);
}
