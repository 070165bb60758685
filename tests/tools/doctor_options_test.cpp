// SPDX-License-Identifier: MIT
#include "tests/tools/parsing.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;
using namespace gestvenv::test;

using format = cli::doctor_request::output_format;
using words = std::vector<std::string>;

TEST_CASE("doctor tries everything unless told otherwise") {
    auto all = parsed_doctor({"doctor"});
    CHECK(!all.quick);
    CHECK(all.pythons.empty());
    CHECK(all.backends.empty());
    CHECK(all.timeout == std::chrono::seconds{60});
    CHECK(all.format == format::table);
}

TEST_CASE("doctor tries what it is told, each once") {
    auto some = parsed_doctor({"doctor", "--python", "3.12", "--python=./python", "--python", "3.12",
                               "--backend", "pip", "--backend", "uv", "--backend", "pip", "--timeout", "2m"});
    CHECK(some.pythons == words{"3.12", "./python"});
    CHECK(some.backends == std::vector{backend::pip, backend::uv});
    CHECK(some.timeout == std::chrono::minutes{2});
    CHECK(parsed_doctor({"doctor", "--quick", "--format", "json"}).quick);
    CHECK(parsed_doctor({"doctor", "--quick", "--format", "json"}).format == format::json);
}

TEST_CASE("the program's own options stand before and after doctor") {
    CHECK(parsed_doctor({"--offline", "doctor"}).global.offline);
    CHECK(parsed_doctor({"doctor", "--offline", "-v"}).global.offline);
    CHECK(parsed_doctor({"doctor", "--offline", "-v"}).global.verbose);
}

TEST_CASE("what doctor cannot do is refused with a hint") {
    CHECK(refused({"doctor", "now"}).message == "gestvenv doctor takes no operand");
    CHECK(refused({"doctor", "--backend", "conda"}).hint == "choose one of: uv, pip, pdm, poetry");
    CHECK(refused({"doctor", "--backend", "auto"}).hint == "choose one of: uv, pip, pdm, poetry");
    CHECK(refused({"doctor", "--format", "xml"}).hint == "choose one of: table, json");
    CHECK(refused({"doctor", "--qiuck"}).hint == "did you mean --quick?");
    CHECK(refused({"doctr"}).hint == "did you mean doctor?");
    CHECK(refused({"doctor", "--python", ""}).code == error_code::invalid_argument);
    CHECK(refused({"doctor", "--timeout", "0"}).code == error_code::invalid_argument);
}
