// SPDX-License-Identifier: MIT
#include "messages/validation.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <limits>
#include <string>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

/// The message with which `value` is refused; empty when it is accepted.
template <class T>
std::string refusal(const T& value) {
    auto good = validate(value);
    if (good)
        return {};
    CHECK(good.error().code == error_code::invalid_argument);
    return good.error().message;
}

environment_spec with_ttl(std::chrono::seconds ttl) {
    environment_spec spec;
    spec.ttl = ttl;
    return spec;
}

command_spec running(std::vector<std::string> arguments) {
    command_spec command;
    command.arguments = std::move(arguments);
    return command;
}

bool mentions(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the defaults are valid") {
    CHECK(refusal(environment_spec{}).empty());
    CHECK(refusal(resource_limits{}).empty());
    CHECK(refusal(install_request{}).empty());
    CHECK(refusal(runtime_config{}).empty());
    CHECK(refusal(running({"true"})).empty());
}

TEST_CASE("a name is accepted by the documented rule") {
    for (auto name : {"a", "A-z_0.9", "0", "_x", "test"})
        CHECK(validate_environment_name(name));
    CHECK(validate_environment_name(std::string(64, 'x')));
}

TEST_CASE("any other name is refused with the rule as the hint") {
    for (const auto& name :
         {std::string{}, std::string{"a/b"}, std::string{"a\nb"}, std::string{"a\0b", 3},
          std::string(300, 'x'), std::string(65, 'x'), std::string{".hidden"}, std::string{"-rf"},
          std::string{".."}, std::string{"a b"}, std::string{"\xC3\xA9"}, std::string{"a;b"}}) {
        auto good = validate_environment_name(name);
        REQUIRE_FALSE(good);
        CHECK(good.error().code == error_code::invalid_argument);
        CHECK(mentions(good.error().hint, "1 to 64"));
        CHECK(good.error().message.find('\n') == std::string::npos);
    }
    environment_spec spec;
    spec.name = "a/b";
    CHECK_FALSE(refusal(spec).empty());
}

TEST_CASE("a time to live outside its range is refused with the range") {
    CHECK(refusal(with_ttl(1s)).empty());
    CHECK(refusal(with_ttl(longest_duration)).empty());
    CHECK(refusal(with_ttl(unlimited)).empty());
    CHECK(refusal(with_ttl(-1s)) == "ttl must be from 1 to 315532800 seconds, or unlimited, and is -1");
    CHECK(refusal(with_ttl(0s)) == "ttl must be from 1 to 315532800 seconds, or unlimited, and is 0");
    CHECK(mentions(refusal(with_ttl(std::chrono::seconds{1'000'000'000'000})), "1 to 315532800 seconds"));
    environment_spec spec;
    spec.max_idle_time = -5s;
    CHECK(mentions(refusal(spec), "max_idle_time must be from 1"));
}

TEST_CASE("resource limits outside their ranges are refused with the field and the range") {
    resource_limits limits;
    limits.max_memory = 0;
    CHECK(mentions(refusal(limits), "max_memory must be from 1 to"));
    limits.max_memory = std::numeric_limits<std::int64_t>::max(); // its bytes would overflow
    CHECK(mentions(refusal(limits), "max_memory must be from 1 to"));
    limits = {};
    limits.max_disk = -1;
    CHECK(mentions(refusal(limits), "max_disk must be from 1 to"));
    limits = {};
    limits.max_processes = 0;
    CHECK(refusal(limits) == "max_processes must be from 1 to 100000, or unlimited, and is 0");
    limits.max_processes = 100'001;
    CHECK_FALSE(refusal(limits).empty());
    limits = {};
    limits.max_threads = 0;
    CHECK(refusal(limits) == "max_threads must be from 1 to 1000000, or unlimited, and is 0");
    limits = {};
    for (double percent : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity(), 1e7}) {
        limits.max_cpu_percent = percent;
        CHECK(mentions(refusal(limits), "max_cpu_percent must be 0.1 to"));
    }
    limits.max_cpu_percent = 250.5;
    CHECK(refusal(limits).empty());
    environment_spec spec;
    spec.resource_limits.max_memory = 0;
    CHECK_FALSE(refusal(spec).empty());
}

TEST_CASE("tags are bounded in number and length and hold no control characters") {
    environment_spec spec;
    spec.tags = {{"team", "blue"}, {"empty", ""}};
    CHECK(refusal(spec).empty());
    for (const auto& tag : {std::pair<std::string, std::string>{"", "x"},
                            {std::string(129, 'x'), ""},
                            {"a\nb", ""},
                            {"\xFF", ""},
                            {"x", std::string(1025, 'x')},
                            {"x", "a\x1B[31m"},
                            {"x", "\xFF"}}) {
        spec.tags = {tag};
        CHECK_FALSE(refusal(spec).empty());
    }
    spec.tags.clear();
    for (int index = 0; index < 65; ++index)
        spec.tags[std::to_string(index)] = "";
    CHECK(refusal(spec) == "there are 65 tags, and at most 64 are accepted");
}

TEST_CASE("a Python version is a version or a path") {
    environment_spec spec;
    for (auto version : {"3.12", "3.12.1", "3", "/usr/bin/python3", "./python", ">=3.10"}) {
        spec.python_version = version;
        CHECK(refusal(spec).empty());
    }
    for (auto version : {"", "latest", "-c/x", "3.12\n", ">3.10\n"}) {
        spec.python_version = version;
        CHECK(mentions(refusal(spec), "python_version"));
    }
}

TEST_CASE("lists of packages and names of requirements files are bounded") {
    environment_spec spec;
    spec.packages = {"six", ""};
    CHECK(mentions(refusal(spec), "package 2 of the list is empty"));
    spec.packages = {std::string(5000, 'x')};
    CHECK(mentions(refusal(spec), "package 1 of the list has 5000 bytes"));
    spec.packages.assign(10'001, "x");
    CHECK(mentions(refusal(spec), "10001 packages"));
    spec.packages.assign(300, std::string(4000, 'x')); // more than a process takes as arguments
    CHECK(mentions(refusal(spec), "the packages need 1200300 bytes together"));
    spec.packages.clear();
    spec.requirements_file = "";
    CHECK(refusal(spec) == "requirements_file is empty");
    spec.requirements_file = "a.txt";
    spec.requirements_files = {"b.txt", ""};
    CHECK(refusal(spec) == "a requirements file's name is empty");
    install_request request;
    request.requirements_files = {std::string(5000, 'x')};
    CHECK(mentions(refusal(request), "a path has at most 4095"));
    request = {};
    request.timeout = 0ms;
    CHECK(mentions(refusal(request), "timeout must be more than 0"));
}

TEST_CASE("a project stands alone, and uninstalling takes names") {
    install_request request;
    request.project = project_source{};
    CHECK(refusal(request) == "a project's folder is empty");
    request.project->folder = "/project";
    CHECK(refusal(request).empty());
    request.packages = {"six"};
    CHECK(mentions(refusal(request), "by itself"));
    CHECK(mentions(refusal(uninstall_request{}), "nothing to uninstall"));
    CHECK(refusal(uninstall_request{{"six"}, 1s}).empty());
    environment_spec spec;
    spec.project = project_source{};
    CHECK(refusal(spec) == "project is empty");
}

TEST_CASE("grants are absolute paths, and not without end") {
    auto command = running({"a"});
    command.grants = {{"/data", access_mode::write}};
    CHECK(refusal(command).empty());
    command.grants = {{"data", access_mode::read}};
    CHECK(mentions(refusal(command), "'data' is relative"));
    command.grants.assign(65, {"/data", access_mode::read});
    CHECK(mentions(refusal(command), "65 grants"));
}

TEST_CASE("a command is given in exactly one way") {
    CHECK(refusal(command_spec{}) == "the command is empty");
    CHECK(refusal(running({""})) == "the command is empty");
    auto command = running({"a"});
    command.text = "b";
    CHECK(mentions(refusal(command), "not as both"));
    command = running({"a"});
    command.shell = true;
    CHECK(mentions(refusal(command), "as text"));
    command = {};
    command.text = "a; b";
    CHECK(mentions(refusal(command), "only a shell understands"));
    command.shell = true;
    CHECK(refusal(command).empty());
}

TEST_CASE("arguments hold no NUL and fit into what the system accepts") {
    CHECK(refusal(running({"a", std::string{"b\0c", 3}})) == "argument 1 holds a NUL byte");
    CHECK(refusal(running({"a", std::string((128 << 10) - 1, 'x')})).empty());
    CHECK(mentions(refusal(running({"a", std::string(128 << 10, 'x')})), "argument 1 has 131072 bytes"));
    CHECK(mentions(refusal(running(std::vector<std::string>(20, std::string(120'000, 'x')))),
                   "need 2400180 bytes"));
    CHECK(mentions(refusal(running(std::vector<std::string>(300'000, "x"))), "arguments and variables"));
    auto command = running({});
    command.text = "python " + std::string(200'000, 'x');
    CHECK(mentions(refusal(command), "argument 1 has 200000 bytes"));
}

TEST_CASE("variables are named without = and NUL, and bounded together with the arguments") {
    CHECK(validate_variables({{"A", "x=y"}, {"lower_1", ""}}));
    CHECK_FALSE(validate_variables({{"", "x"}}));
    CHECK_FALSE(validate_variables({{"A=B", "x"}}));
    CHECK_FALSE(validate_variables({{std::string{"A\0", 2}, "x"}}));
    CHECK_FALSE(validate_variables({{"A", std::string{"\0", 1}}}));
    CHECK_FALSE(validate_variables({{"A", std::string(128 << 10, 'x')}}));
    auto command = running({"true"});
    for (int index = 0; index < 20; ++index)
        command.variables["V" + std::to_string(index)] = std::string(120'000, 'x');
    CHECK(mentions(refusal(command), "arguments and variables need"));
    CHECK_FALSE(validate_variables(command.variables));
}

TEST_CASE("no error shows what an argument or a variable holds") {
    auto command = running({"a", std::string{"hunter2\0", 8}});
    CHECK_FALSE(mentions(refusal(command), "hunter2"));
    for (const auto& variable : {std::pair<std::string, std::string>{"A", std::string{"hunter2\0", 8}},
                                 {"TOKEN=hunter2", "x"},
                                 {"B", "hunter2" + std::string(200'000, 'x')}}) {
        auto good = validate_variables({variable});
        REQUIRE_FALSE(good);
        CHECK_FALSE(mentions(render(good.error()), "hunter2"));
    }
}

TEST_CASE("a timeout, limits of output and streams of a command are checked") {
    auto command = running({"true"});
    command.timeout = 0ms;
    CHECK(mentions(refusal(command), "timeout must be more than 0"));
    command.timeout = std::chrono::milliseconds::max();
    CHECK(mentions(refusal(command), "timeout must be more than 0 and at most"));
    command = running({"true"});
    command.memory_limit = -1;
    CHECK(mentions(refusal(command), "memory_limit must be from 0 to 1073741824"));
    command = running({"true"});
    command.output_limit = (std::int64_t{1} << 40) + 1;
    CHECK(mentions(refusal(command), "output_limit must be from 0 to 1099511627776"));
    command = running({"true"});
    command.streams = stream_mode::inherit;
    CHECK(refusal(command).empty());
    command.standard_input = "x";
    CHECK(mentions(refusal(command), "standard_input"));
    command = running({"true"});
    command.working_directory = std::string{"a\0", 2};
    CHECK(mentions(refusal(command), "working_directory holds a NUL byte"));
}

TEST_CASE("a configuration that cannot hold is refused") {
    auto refused = [](auto change) {
        runtime_config config;
        change(config);
        return refusal(config);
    };
    CHECK(mentions(refused([](auto& c) { c.enable_preallocation = true; }), "enable_preallocation"));
    CHECK(mentions(refused([](auto& c) { c.enable_template_cache = true; }), "enable_template_cache"));
    CHECK(
        mentions(refused([](auto& c) { c.max_concurrent = 0; }), "max_concurrent must be from 1 to 100000"));
    CHECK(mentions(refused([](auto& c) { c.default_ttl = -1s; }), "default_ttl must be from 1"));
    CHECK(mentions(refused([](auto& c) { c.cleanup_interval = 0s; }), "cleanup_interval must be from 1"));
    CHECK(
        mentions(refused([](auto& c) { c.max_total_memory_mb = 0; }), "max_total_memory_mb must be from 1"));
    CHECK(mentions(refused([](auto& c) { c.base_storage_path = "relative"; }),
                   "base_storage_path must be absolute"));
    CHECK(refused([](auto& c) { c.force_cleanup_after = unlimited; }).empty());
    CHECK(refused([](auto& c) { c.stop_grace = std::chrono::seconds{10}; }).empty());
    CHECK(refused([](auto& c) { c.stop_grace = std::chrono::milliseconds{10001}; }) ==
          "stop_grace is 10.001 s, and 0 to 10 are accepted");
    CHECK_FALSE(refused([](auto& c) { c.stop_grace = std::chrono::milliseconds{-1}; }).empty());
}

TEST_CASE(
    "settings of a process that no kernel knows are refused, and so is a folder that is no absolute path") {
    command_spec command;
    command.arguments = {"true"};
    command.process_settings.emplace();
    command.process_settings->limits["nofile"] = {64, 128};
    command.process_settings->nice = 5;
    command.process_settings->processors = {0, 1};
    CHECK(validate(command));
    SECTION("an unknown limit") {
        command.process_settings->limits["colour"] = {1, 2};
    }
    SECTION("a soft limit above the hard one") {
        command.process_settings->limits["nofile"] = {3, 2};
    }
    SECTION("a nice value out of range") {
        command.process_settings->nice = 20;
    }
    SECTION("a processor that no machine has") {
        command.process_settings->processors = {100'000};
    }
    auto refused = validate(command);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::invalid_argument);
}
