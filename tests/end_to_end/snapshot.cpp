// SPDX-License-Identifier: MIT
#include "tests/end_to_end/snapshot.hpp"

#include "messages/command_line_text.hpp"
#include "system/version.hpp"
#include "tests/support/places.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <utility>

namespace gestvenv::test {

namespace {

void replace_all(std::string& text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

std::string section(const char* title, const std::string& text) {
    if (text.empty())
        return {};
    auto missing = text.back() == '\n' ? "" : "\n(no newline at the end)\n";
    return fmt::format("--- {}\n{}{}", title, text, missing);
}

} // namespace

std::string normalized(std::string text, const scene& place) {
    replace_all(text, place.folder().string(), "FOLDER");
    replace_all(text, fmt::format("gestvenv {}", program_version), "gestvenv VERSION");
    static const std::vector<std::pair<std::regex, std::string>> patterns{
        {std::regex{"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"}, "ID"},
        {std::regex{"env-[0-9a-f]{8}"}, "env-ID"},
        {std::regex{"/(tmp|dev/shm)/gestvenv-ephemeral-[0-9]+"}, "ROOT"},
        {std::regex{"in [0-9.]+ ms"}, "in N ms"},
        {std::regex{"after [0-9.]+ s"}, "after N s"},
        {std::regex{"[0-9]+ (mounts?|cgroups?|segments?|files?|bytes?)\\b"}, "N $1"},
        {std::regex{"(\"(?:bytes|cgroups|files|mounts|segments)_removed\"): [0-9]+"}, "$1: N"},
        {std::regex{"(\"duration\"): [0-9.e-]+"}, "$1: N"},
        {std::regex{"(\"finished_at\"): \"[^\"]*\""}, "$1: \"TIME\""},
        {std::regex{"Python 3\\.[0-9]+\\.[0-9]+"}, "Python VERSION"},
        {std::regex{"(N mount)s?, (N cgroup)s?, "}, "$1s, $2s, "},
        {std::regex{"there is: [^\\n]*"}, "there is: LIST"},
        {std::regex{"its Python is [^\\n]*"}, "its Python is PATH: WHY"},
        {std::regex{"held together by [a-z_]+"}, "held together by CONTAINMENT"},
        // What it is made of is the machine's affair.
        {std::regex{"(\n  holds +)[^\n]*(\n  holds [^\n]*)*"}, "$1RESOURCES"},
        {std::regex{"(\"holds\"): \\[[^\\]]*\\]"}, "$1: [RESOURCES]"},
        {std::regex{"(\"containment\"): \"[a-z_]+\""}, "$1: \"CONTAINMENT\""},
        {std::regex{"/proc/[0-9]+/fd/[0-9]+"}, "/proc/N/fd/N"},
        {std::regex{"(\"(?:created_at|expires_at|last_activity|at)\"): \"[^\"]*\""}, "$1: \"TIME\""},
        {std::regex{"(\"age_seconds\"): [0-9]+"}, "$1: N"},
        {std::regex{"(\"python_version\"): \"[^\"]*\""}, "$1: \"VERSION\""},
        {std::regex{"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+Z?"}, "TIME"},
        {std::regex{"\n  [0-9a-f]{8}  "}, "\n  ID8  "},
        {std::regex{"\\([0-9a-f]{8}\\)"}, "(ID8)"},
        {std::regex{"(\"id\"): \"[0-9a-f]{8}\""}, "$1: \"ID8\""},
        {std::regex{"gvt_[0-9a-f]+"}, "SECRET"},
        {std::regex{"(\"(?:pid|start_time)\"): [0-9]+"}, "$1: N"},
        {std::regex{"(\nprocess +)[0-9]+"}, "$1N"},
        {std::regex{"(\n  age +)[0-9]+ s"}, "$1N s"},
        {std::regex{"(\n  python +)3\\.[0-9.]+"}, "$1VERSION"},
        {std::regex{"  3\\.[0-9]+\\.[0-9]+ +[0-9]+ s +TIME"}, "  VERSION  N s  TIME"},
        {std::regex{"PYTHON +AGE +CREATED +CAUSE"}, "PYTHON  AGE  CREATED  CAUSE"},
    };
    for (const auto& [pattern, by] : patterns)
        text = std::regex_replace(text, pattern, by);
    return text;
}

void snapshot::add(scene& place, const std::vector<std::string>& words) {
    auto result = place.gestvenv(words);
    auto ended =
        result.status ? fmt::format("status {}", *result.status) : fmt::format("signal {}", result.signal);
    auto entry = fmt::format("$ gestvenv {}\n{}{}{}\n\n", quote_command(words), section("stdout", result.out),
                             section("stderr", result.err), ended);
    text_ += normalized(std::move(entry), place);
}

void snapshot::check() const {
    auto file = std::filesystem::path{source_folder} / "tests/end_to_end/snapshots" / (name_ + ".txt");
    const char* update = std::getenv("GESTVENV_UPDATE_SNAPSHOTS");
    if (update != nullptr && std::string_view{update} == "1")
        std::ofstream{file, std::ios::binary} << text_;
    INFO("to accept what there is now: GESTVENV_UPDATE_SNAPSHOTS=1");
    CHECK(text_ == content_of(file));
}

} // namespace gestvenv::test
