// SPDX-License-Identifier: MIT
#include "tests/tools/diagnoses.hpp"
#include "tools/gestvenv/doctor/diagnosis_json.hpp"
#include "tools/gestvenv/doctor/diagnosis_table.hpp"

#include <nlohmann/json.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;
using namespace gestvenv::cli;
using namespace gestvenv::test;

TEST_CASE("a table shows everything, and each reason once, below it") {
    CHECK(as_table(half_a_machine()) == R"(processes
  pid namespace  yes  all end with it

storage
  tmpfs  yes  a tmpfs for each environment

limits
  max_memory  no [1]

interpreters
  3.12.1  /usr/bin/python3  default
  3.8.18  /opt/python3.8

backends
  uv   /tools/bin/uv
  pdm  no [2]

installing
          uv             pdm
  3.12.1  works (0.8 s)  no [2]
  3.8.18  no [3]         unsupported [4]

[1] there is no cgroup
    hint: mount it
[2] pdm is not installed
    hint: tools/bootstrap
[3] no wheel
[4] pdm does not support Python 3.8

all that is needed works
)");
}

TEST_CASE("a table of a machine that is not well does not say that it is") {
    auto found = half_a_machine();
    found.installations[0].result = installation::state::not_tried;
    auto text = as_table(found);
    CHECK(text.find("all that is needed") == std::string::npos);
    CHECK(text.find("not tried") != std::string::npos);
}

TEST_CASE("a quick look says that nothing was installed") {
    auto found = half_a_machine();
    found.quick = true;
    found.installations.clear();
    auto text = as_table(found);
    CHECK(text.find("nothing was installed (--quick)") != std::string::npos);
    CHECK(text.find("all that is needed is there\n") != std::string::npos);
    CHECK(text.find("\ninstalling\n") == std::string::npos);
}

TEST_CASE("interpreters of one version are told apart by their paths") {
    auto found = half_a_machine();
    found.interpreters[1].version = "3.12.1";
    auto text = as_table(found);
    CHECK(text.find("  3.12.1 /usr/bin/python3  works") != std::string::npos);
    CHECK(text.find("  3.12.1 /opt/python3.8    no") != std::string::npos);
}

TEST_CASE("a machine without interpreters is told what supplies one") {
    CHECK(as_table({}).find("hint: apt-get install python3 python3-venv") != std::string::npos);
}

TEST_CASE("JSON has the same facts") {
    auto all = nlohmann::json::parse(as_json(half_a_machine()));
    CHECK(all["works"] == true);
    CHECK(all["complaints"].empty());
    CHECK(all["quick"] == false);
    CHECK(all["offline"] == false);
    CHECK(all["abilities"].size() == 3);
    CHECK(all["abilities"][2] == nlohmann::json{{"kind", "limits"},
                                                {"name", "max_memory"},
                                                {"available", false},
                                                {"needed", false},
                                                {"detail", nullptr},
                                                {"why", "there is no cgroup"},
                                                {"remedy", "mount it"}});
    CHECK(all["interpreters"][0] == nlohmann::json{{"version", "3.12.1"},
                                                   {"path", "/usr/bin/python3"},
                                                   {"default", true},
                                                   {"needed", true},
                                                   {"why", nullptr},
                                                   {"remedy", nullptr}});
    CHECK(all["backends"][1] == nlohmann::json{{"name", "pdm"},
                                               {"available", false},
                                               {"needed", true},
                                               {"path", nullptr},
                                               {"why", "pdm is not installed"},
                                               {"remedy", "tools/bootstrap"}});
    CHECK(all["installations"].size() == 4);
    CHECK(all["installations"][0] == nlohmann::json{{"backend", "uv"},
                                                    {"python", "3.12.1"},
                                                    {"path", "/usr/bin/python3"},
                                                    {"state", "works"},
                                                    {"seconds", 0.812},
                                                    {"why", nullptr},
                                                    {"remedy", nullptr}});
    CHECK(all["installations"][3]["state"] == "unsupported");
}

TEST_CASE("JSON of what is not UTF-8 is JSON") {
    auto found = half_a_machine();
    found.interpreters[0].path = "/opt/\xff/python";
    CHECK(nlohmann::json::accept(as_json(found)));
}
