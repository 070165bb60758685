// SPDX-License-Identifier: MIT
// The command lines of `gestvenv ephemeral`.
#include "tests/tools/parsing.hpp"

#include <string>
#include <vector>

using namespace gestvenv;
using gestvenv::test::command_of;
using gestvenv::test::parsed;
using gestvenv::test::refused;

namespace {

using words = std::vector<std::string>;

words ephemeral(words rest) {
    rest.insert(rest.begin(), "ephemeral");
    return rest;
}

} // namespace

TEST_CASE("exec takes the environment, its own options, and then the words of the command") {
    const auto request =
        parsed(ephemeral({"exec", "ci", "--timeout", "5", "--", "sh", "-c", "exit 3", "--timeout"}));
    CHECK(request.existing == "ci");
    CHECK(request.command.timeout == std::chrono::seconds{5});
    CHECK(request.command.arguments == words{"sh", "-c", "exit 3", "--timeout"});
    const auto plain = parsed(ephemeral({"exec", "--cwd", "/", "ci", "python", "-V"}));
    CHECK(plain.existing == "ci");
    CHECK(plain.command.working_directory == "/");
    CHECK(plain.command.arguments == words{"python", "-V"});
    refused(ephemeral({"exec"}));
    refused(ephemeral({"exec", "ci"}));
    refused(ephemeral({"exec", "ci", "--packages", "six", "true"}));
}

TEST_CASE("create takes the options of an environment, and no command") {
    CHECK(command_of(
              ephemeral({"create", "ci", "--packages", "six,rich", "--ttl", "600", "--max-memory", "512M",
                         "--isolation", "process", "--wait-for-room", "5", "--owner-pid", "1"})) == "create");
    CHECK(command_of(ephemeral({"create"})) == "create");
    CHECK(command_of(ephemeral({"create", "--packages", "six", "--requirements", "a.txt", "--requirements",
                                "b.txt"})) == "create");
    refused(ephemeral({"create", "a", "b"}));
    refused(ephemeral({"create", "a/b"}));
    refused(ephemeral({"create", "--cwd", "/"}));
    refused(ephemeral({"create", "--extra", "test"}));
    refused(ephemeral({"create", "--owner-pid", "-1"}));
}

TEST_CASE("cleanup takes an environment, --all or --orphans, and one of them") {
    for (const auto& good :
         {words{"cleanup", "ci"}, words{"cleanup", "ci", "--force"}, words{"cleanup", "--all"},
          words{"cleanup", "--all", "--force"}, words{"cleanup", "--orphans"}})
        CHECK(command_of(ephemeral(good)) == "cleanup");
    for (const auto& wrong :
         {words{"cleanup"}, words{"cleanup", "--force"}, words{"cleanup", "ci", "--all"},
          words{"cleanup", "--all", "--orphans"}, words{"cleanup", "--orphans", "--force"},
          words{"cleanup", "one", "other"}, words{"cleanup", ""}})
        CHECK_FALSE(refused(ephemeral(wrong)).hint.empty());
}

TEST_CASE("install takes packages, files or a project, and something of them") {
    for (const auto& good :
         {words{"install", "ci", "six", "rich>=13,<14"}, words{"install", "ci", "-r", "a.txt"},
          words{"install", "ci", "--project", "."}, words{"install", "-U", "ci", "six"}})
        CHECK(command_of(ephemeral(good)) == "install");
    for (const auto& wrong :
         {words{"install"}, words{"install", "ci"}, words{"install", "ci", "--", "--index-url=x"},
          words{"install", "ci", "--project", ".", "six"}, words{"uninstall", "ci"},
          words{"logs", "ci", "--lines", "0"}, words{"packages"}})
        refused(ephemeral(wrong));
}
