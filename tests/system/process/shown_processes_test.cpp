// SPDX-License-Identifier: MIT
#include "system/process/shown_processes.hpp"

#include "system/redaction.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace gestvenv;
using namespace std::string_literals;

TEST_CASE("a command line is shown as a shell would take it") {
    CHECK(shown_arguments("python\0-m\0pytest\0"s) == "python -m pytest");
    CHECK(shown_arguments("sh\0-c\0echo 'a b'\0"s) == R"(sh -c 'echo '\''a b'\''')");
    CHECK(shown_arguments("").empty());
    // A process that has given itself a title need not end it with a zero byte, or may pad it with many.
    CHECK(shown_arguments("worker: idle") == "'worker: idle'");
    CHECK(shown_arguments("worker\0\0\0\0\0"s) == "worker");
}

TEST_CASE("a command line is shown without its secrets") {
    CHECK(shown_arguments("deploy\0--password\0hunter2\0--region\0eu\0"s) ==
          "deploy --password **** --region eu");
    CHECK(shown_arguments("deploy\0--api-token=hunter2\0"s).find("hunter2") == std::string::npos);
    CHECK(shown_arguments("pip\0install\0-i\0https://me:hunter2@index.example/simple\0"s).find("hunter2") ==
          std::string::npos);
    CHECK(shown_arguments("sh\0-c\0export API_TOKEN=hunter2; run\0"s).find("hunter2") == std::string::npos);
    CHECK(shown_arguments("curl\0-H\0Authorization: Bearer hunter2\0"s).find("hunter2") == std::string::npos);
    keep_secret("told-by-a-caller");
    CHECK(shown_arguments("run\0told-by-a-caller\0"s) == "run ****");
}

TEST_CASE("a command line moves no terminal's cursor and is UTF-8") {
    CHECK(shown_arguments("a\0b\x1b[2Jc\0d\ne\0"s) == "a 'b?[2Jc' 'd e'");
    CHECK(shown_arguments("a\0\xff\0"s) == "a '\uFFFD'");
    CHECK(shown_arguments("a\0b\u009b2Jc\0"s).find("\u009b") == std::string::npos);
}

TEST_CASE("a long command line is cut between two characters, and says so") {
    std::string arguments;
    for (int i = 0; i < 2000; ++i)
        arguments += "ä";
    const auto shown = shown_arguments(arguments);
    CHECK(shown.size() <= process_list::longest_command_line);
    CHECK(shown.size() > process_list::longest_command_line - 4);
    CHECK(shown.ends_with("ä…"));
}
