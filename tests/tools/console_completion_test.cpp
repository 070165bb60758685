// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/completion.hpp"
#include "tools/gestvenv/console/console_commands.hpp"

#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace gestvenv::cli;
using namespace gestvenv::test;

namespace {

using texts = std::vector<std::string>;

completion_sources some_sources(bool has_current = false) {
    return {[](const std::string& environment) {
                return environment.empty() || environment == "ci-test" ? texts{"requests", "rich"} : texts{};
            },
            has_current};
}

texts words(std::string_view typed, bool has_current = false) {
    return complete_line(console_commands, some_sources(has_current), typed).words;
}

bool has(const texts& all, const char* one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

} // namespace

TEST_CASE("a console completes the names of its commands") {
    CHECK(words("ev") == texts{"events"});
    CHECK(words("list; ins") == texts{"install"});
    CHECK(words("help unin") == texts{"uninstall"});
    CHECK(words("watch sta") == texts{"stats"});
    CHECK(words("watch --interval 3 list --al") == texts{"--all"});
    CHECK(has(words(""), "create"));
    CHECK(words("nothing-of-the-kind ").empty());
}

TEST_CASE("it completes options and the words that they take, and no option of the node") {
    CHECK(words("create --packa") == texts{"--packages"});
    CHECK(words("list --format ") == texts{"json", "table"});
    CHECK(words("list --format=j") == texts{"--format=json"});
    CHECK(words("list --node").empty());
    CHECK(words("run python --vers").empty()); // the program's own
}

TEST_CASE("it completes the packages of the environment that is named or used") {
    CHECK(words("uninstall ci-test re") == texts{"requests"});
    CHECK(words("uninstall ci-build re").empty());
    CHECK(words("uninstall ri").empty());
    CHECK(words("uninstall ri", true) == texts{"rich"});
}

TEST_CASE("it completes files for options and programs that take them, and leaves quoted words alone") {
    temporary_folder folder;
    const auto place = folder.path().string();
    std::ofstream{folder.path() / "requirements.txt"} << "";
    std::ofstream{folder.path() / "a b"} << "";
    std::filesystem::create_directory(folder.path() / "source");
    CHECK(words("create --requirements " + place + "/req") == texts{place + "/requirements.txt"});
    CHECK(words("create --requirements=" + place + "/req") ==
          texts{"--requirements=" + place + "/requirements.txt"});
    CHECK(words("create --project " + place + "/") == texts{place + "/source/"});
    CHECK(complete_line(console_commands, some_sources(), "cp " + place + "/r").typed == place.size() + 2);
    CHECK(words("run cat " + place + "/so") == texts{place + "/source/"});
    CHECK(words("run cat " + place + "/a").empty());
    CHECK(words("show 'ci-").empty());
    CHECK(words("cp " + place + "/req") == texts{place + "/requirements.txt"});
}
