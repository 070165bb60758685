// SPDX-License-Identifier: MIT
#include "tests/tools/parsing.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace gestvenv;
using namespace gestvenv::test;

using words = std::vector<std::string>;

TEST_CASE("a command is what follows the options, with and without --") {
    auto command =
        GENERATE(words{"run", "python", "-c", "print(1)"}, words{"run", "--", "python", "-c", "print(1)"},
                 words{"run", "--timeout", "5", "python", "-c", "print(1)"},
                 words{"run", "--timeout=5", "--", "python", "-c", "print(1)"});
    CHECK(parsed(command).command.arguments == words{"python", "-c", "print(1)"});
}

TEST_CASE("options after the command belong to the command") {
    CHECK(parsed({"run", "tool", "--name", "x", "--", "-v", "--help"}).command.arguments ==
          words{"tool", "--name", "x", "--", "-v", "--help"});
    CHECK(parsed({"run", "--", "--name", "x"}).command.arguments == words{"--name", "x"});
    CHECK(parsed({"run", "--", "--", "x"}).command.arguments == words{"--", "x"});
    CHECK(parsed({"run", "-", "x"}).command.arguments == words{"-", "x"});
}

TEST_CASE("arguments of the command reach it unchanged") {
    const words command{"tool", "", " ", "a b", "$HOME", "*", "[1,2]", "\xff", "line\nbreak"};
    words all{"run", "--"};
    all.insert(all.end(), command.begin(), command.end());
    CHECK(parsed(all).command.arguments == command);
}

TEST_CASE("without options an environment has what the configuration and the API say") {
    auto request = parsed({"run", "true"});
    CHECK(request.environment == environment_spec{});
    CHECK(request.command.streams == stream_mode::inherit);
    CHECK(!request.command.timeout);
    CHECK(request.command.working_directory.empty());
    CHECK(request.passed_variables.empty());
    CHECK(!request.receipt);
    CHECK(!request.global.verbose);
    CHECK(!request.global.offline);
    CHECK(request.global.configuration_file.empty());
    CHECK(request.artifacts.empty());
}

TEST_CASE("every option reaches its field") {
    auto request = parsed({"run",        "--packages",  "requests>=2,<3,rich",
                           "--backend",  "pip",         "--python",
                           "3.12",       "--cwd",       "/tmp",
                           "--timeout",  "1.5",         "--name",
                           "a",          "--ttl",       "60",
                           "--storage",  "disk",        "--security",
                           "permissive", "--isolation", "process",
                           "--set-env",  "A=1=2",       "--pass-env",
                           "B",          "--pass-env",  "C",
                           "--set-env",  "D=",          "--max-memory",
                           "512",        "--max-disk",  "256",
                           "--receipt",  "r.json",      "--packages",
                           "six",        "-v",          "true"});
    const auto& spec = request.environment;
    CHECK(spec.packages == words{"requests>=2,<3", "rich", "six"});
    CHECK(spec.package_backend == backend::pip);
    CHECK(spec.python_version == "3.12");
    CHECK(spec.name == "a");
    CHECK(spec.ttl == std::chrono::seconds{60});
    CHECK(spec.storage_backend == storage_backend::disk);
    CHECK(spec.security == security_mode::permissive);
    CHECK(spec.isolation == isolation_level::process);
    CHECK(spec.resource_limits.max_memory == megabytes{512});
    CHECK(spec.resource_limits.max_disk == megabytes{256});
    CHECK(request.command.working_directory == "/tmp");
    CHECK(request.command.timeout == std::chrono::milliseconds{1500});
    CHECK(request.command.variables == std::map<std::string, std::string>{{"A", "1=2"}, {"D", ""}});
    CHECK(request.passed_variables == words{"B", "C"});
    CHECK(request.receipt == "r.json");
    CHECK(request.global.verbose);
    CHECK(parsed({"run", "--requirements", "r.txt", "true"}).environment.requirements_file == "r.txt");
}

TEST_CASE("every limit of the API is an option") {
    auto spec = parsed({"run",   "--ttl",
                        "10m",   "--max-idle-time",
                        "2h",    "--max-memory",
                        "2G",    "--max-disk",
                        "512M",  "--max-processes",
                        "20",    "--max-threads",
                        "64",    "--max-cpu-percent",
                        "150.5", "--no-network",
                        "--tag", "team=data",
                        "--tag", "note=a=b",
                        "true"})
                    .environment;
    CHECK(spec.ttl == std::chrono::minutes{10});
    CHECK(spec.max_idle_time == std::chrono::hours{2});
    CHECK(spec.resource_limits.max_memory == megabytes{2048});
    CHECK(spec.resource_limits.max_disk == megabytes{512});
    CHECK(spec.resource_limits.max_processes == count_limit{20});
    CHECK(spec.resource_limits.max_threads == count_limit{64});
    CHECK(spec.resource_limits.max_cpu_percent == 150.5);
    CHECK(!spec.resource_limits.network_access);
    CHECK(spec.tags == std::map<std::string, std::string>{{"team", "data"}, {"note", "a=b"}});
}

TEST_CASE("a project comes with its extras and groups, in any order") {
    auto spec = parsed({"run", "--extra", "more", "--project", "demo", "--group", "test", "--group", "docs",
                        "--with-pip", "true"})
                    .environment;
    CHECK(spec.project == project_source{"demo", {"more"}, {"test", "docs"}});
    CHECK(spec.with_pip);
    CHECK(refused({"run", "--extra", "more", "true"}).message.find("--project is not given") !=
          std::string::npos);
}

TEST_CASE("grants name a path and what may be done with it") {
    auto grants =
        parsed({"run", "--grant", "/srv/a=b=read", "--grant", "/tmp/../out=write", "true"}).command.grants;
    CHECK(grants == std::vector<access_grant>{{"/srv/a=b", access_mode::read}, {"/out", access_mode::write}});
    CHECK(refused({"run", "--grant", "/srv", "true"}).message.find("PATH=read or PATH=write") !=
          std::string::npos);
    CHECK(refused({"run", "--grant", "/srv=all", "true"}).message.find("PATH=read or PATH=write") !=
          std::string::npos);
}

TEST_CASE("a command may be one line for a shell") {
    auto command = parsed({"run", "--shell", "first && second"}).command;
    CHECK(command.shell);
    CHECK(command.text == "first && second");
    CHECK(command.arguments.empty());
    CHECK(refused({"run", "--shell", "first", "second"}).hint.find("quotes") != std::string::npos);
    CHECK(!refused({"run", "--shell"}).message.empty());
    CHECK(!refused({"run", "--shell", ""}).message.empty());
}

TEST_CASE("bounds of the output mean that it is kept until the end") {
    auto limited = parsed({"run", "--output-limit", "64K", "true"}).command;
    CHECK(limited.streams == stream_mode::capture);
    CHECK(limited.output_limit == 65536);
    CHECK(limited.memory_limit == command_spec{}.memory_limit);
    auto spilled = parsed({"run", "--output-memory", "100", "true"}).command;
    CHECK(spilled.streams == stream_mode::capture);
    CHECK(spilled.memory_limit == 100);
    CHECK(spilled.output_limit == command_spec{}.output_limit);
}

TEST_CASE("files of variables and artifacts are kept in their order") {
    auto request = parsed({"run", "--env-file", "a", "--artifacts", "dist/*.whl=out", "--env-file", "b",
                           "--artifacts", "a=b=c", "--work-folder", "true"});
    CHECK(request.variable_files == words{"a", "b"});
    CHECK(request.in_work_folder);
    REQUIRE(request.artifacts.size() == 2);
    CHECK(request.artifacts[0].pattern.text() == "dist/*.whl");
    CHECK(request.artifacts[0].folder == "out");
    CHECK(request.artifacts[1].pattern.text() == "a=b");
    CHECK(request.artifacts[1].folder == "c");
}

TEST_CASE("the program's own options stand before or after the command's name") {
    auto line = GENERATE(words{"-v", "--offline", "--config", "f", "run", "true"},
                         words{"run", "--verbose", "--offline", "--config=f", "true"},
                         words{"--config", "f", "run", "-v", "--offline", "--", "true"});
    auto global = parsed(line).global;
    CHECK(global.verbose);
    CHECK(global.offline);
    CHECK(global.configuration_file == "f");
    CHECK(!parsed({"run", "true", "-v"}).global.verbose);
    CHECK(!parsed({"run", "true", "--offline"}).global.offline);
}

TEST_CASE("help and version are texts that were asked for, whatever else stands there") {
    auto line = GENERATE(words{"--help"}, words{"-h"}, words{"--version"}, words{"run", "--help"},
                         words{"run", "-h"}, words{"run", "--ttl", "abc", "--help"},
                         words{"run", "--version"}, words{"config", "-h"}, words{"config", "set", "--help"},
                         words{"--help", "config", "show"}, words{"config", "show", "--version"});
    auto text = parsed_text(line);
    CHECK(text.asked_for);
    CHECK(text.text.back() == '\n');
}

TEST_CASE("no command at all is answered with the help, as a mistake") {
    auto text = parsed_text({});
    CHECK(!text.asked_for);
    CHECK(text.text == parsed_text({"--help"}).text);
    CHECK(!parsed_text({"-v"}).asked_for);
    CHECK(!parsed_text({"config"}).asked_for);
    CHECK(parsed_text({"config"}).text == parsed_text({"config", "--help"}).text);
}

TEST_CASE("help names every option and keeps its lines short") {
    auto text = parsed_text({"run", "--help"}).text;
    for (const char* option : {"--packages",     "--requirements",
                               "--backend",      "--python",
                               "--cwd",          "--timeout",
                               "--name",         "--ttl",
                               "--storage",      "--security",
                               "--isolation",    "--max-disk",
                               "--set-env",      "--pass-env",
                               "--receipt",      "--verbose",
                               "--help",         "--max-idle-time",
                               "--max-memory",   "--max-processes",
                               "--max-threads",  "--max-cpu-percent",
                               "--no-network",   "--strict",
                               "--tag",          "--shell",
                               "--work-folder",  "--env-file",
                               "--output-limit", "--output-memory",
                               "--artifacts",    "--offline",
                               "--config",       "--project",
                               "--extra",        "--group",
                               "--with-pip",     "--grant"})
        CHECK(text.find(std::string{option} + " ") != std::string::npos);
    std::size_t begin = 0;
    for (auto end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin))
        CHECK(end - begin <= 104);
}

TEST_CASE("an unknown option names the nearest one there is") {
    CHECK(refused({"run", "--packges", "a", "true"}).hint == "did you mean --packages?");
    CHECK(refused({"run", "--pakcages=a", "true"}).hint == "did you mean --packages?");
    CHECK(refused({"run", "--pack", "a", "true"}).hint == "did you mean --packages?");
    CHECK(refused({"run", "--time-out", "1", "true"}).hint == "did you mean --timeout?");
    CHECK(refused({"run", "--nothing-like-it", "true"}).hint == "gestvenv run --help");
    CHECK(refused({"run", "-q", "true"}).hint == "gestvenv run --help");
    CHECK(refused({"run", "--with", "six", "true"}).hint == "did you mean --packages?");
    CHECK(refused({"run", "-r", "list.txt", "true"}).hint == "did you mean --requirements?");
    CHECK(refused({"run", "-p", "3.12", "true"}).hint == "did you mean --python?");
    CHECK(refused({"run", "--pass-env", "PIP_*", "true"}).hint ==
          "give each variable by its name, or several in a file: --env-file");
    CHECK(refused({"--verion"}).hint == "did you mean --version?");
    CHECK(refused({"--packages", "a", "run"}).hint == "gestvenv run --packages");
    CHECK(refused({"rnu", "true"}).hint == "did you mean run?");
    CHECK(refused({"python"}).hint == "to run a program in an environment: gestvenv run PROGRAM");
}

TEST_CASE("the value of an unknown option, perhaps a secret, is not repeated") {
    auto problem = refused({"run", "--set-evn=TOKEN=secret", "true"});
    CHECK(render(problem).find("secret") == std::string::npos);
    CHECK(render(refused({"run", "--set-env", "secret", "true"})).find("secret") == std::string::npos);
    CHECK(render(refused({"run", "--pass-env", "TOKEN=secret", "true"})).find("secret") == std::string::npos);
}

TEST_CASE("what is not acceptable is refused with the option's name and a hint") {
    struct refusal {
        words options;
        std::string part;
    };
    auto [options, part] = GENERATE(values<refusal>({
        {{"--ttl", "-1"}, "--ttl must be from 1"},
        {{"--ttl", "0"}, "--ttl must be from 1"},
        {{"--ttl", "1000000000000"}, "--ttl must be from 1"},
        {{"--ttl", "99999999999999999999999"}, "--ttl must be from 1"},
        {{"--ttl", "abc"}, "`abc` is none"},
        {{"--ttl", "1.5"}, "whole number"},
        {{"--ttl", ""}, "whole number"},
        {{"--timeout", "-1"}, "--timeout must be more than 0"},
        {{"--timeout", "0"}, "--timeout must be more than 0"},
        {{"--timeout", "1000000000000"}, "--timeout must be more than 0"},
        {{"--timeout", "1e300"}, "--timeout must be more than 0"},
        {{"--timeout", "abc"}, "`abc` is none"},
        {{"--timeout", "nan"}, "`nan` is none"},
        {{"--timeout", "inf"}, "`inf` is none"},
        {{"--timeout", "5x"}, "`5x` is none"},
        {{"--ttl", "1500ms"}, "whole number"},
        {{"--max-idle-time", "0"}, "--max-idle-time must be from 1"},
        {{"--max-idle-time", "x"}, "whole number"},
        {{"--max-memory", "1K"}, "whole number of megabytes"},
        {{"--max-memory", "1e30"}, "whole number of megabytes"},
        {{"--max-processes", "0"}, "--max-processes must be from 1"},
        {{"--max-processes", "1.5"}, "whole number"},
        {{"--max-threads", "1000001"}, "--max-threads must be from 1"},
        {{"--max-threads", "99999999999"}, "whole number"},
        {{"--max-cpu-percent", "0"}, "--max-cpu-percent must be 0.1 to 1000000"},
        {{"--max-cpu-percent", "nan"}, "`nan` is none"},
        {{"--max-cpu-percent", "50%"}, "`50%` is none"},
        {{"--no-network=yes"}, "--no-network takes no value"},
        {{"--tag", "team"}, "--tag takes KEY=VALUE"},
        {{"--tag", "=data"}, "--tag takes KEY=VALUE"},
        {{"--tag", "a=b\nc"}, "the value of tag a"},
        {{"--output-limit", "-1"}, "--output-limit must be from 0"},
        {{"--output-limit", "2T"}, "--output-limit must be from 0"},
        {{"--output-limit", "0.5"}, "whole number of bytes"},
        {{"--output-memory", "2G"}, "--output-memory must be from 0"},
        {{"--artifacts", "dist"}, "--artifacts takes GLOB=DIR"},
        {{"--artifacts", "dist="}, "--artifacts takes GLOB=DIR"},
        {{"--artifacts", "=out"}, "the pattern is empty"},
        {{"--artifacts", "/etc/*=out"}, "the pattern is not relative"},
        {{"--artifacts", "../*=out"}, "the pattern has an empty component, . or .."},
        {{"--artifacts", "a//b=out"}, "the pattern has an empty component"},
        {{"--env-file", ""}, "--env-file is empty"},
        {{"--config", ""}, "--config is empty"},
        {{"--offline=1"}, "--offline takes no value"},
        {{"--work-folder", "--cwd", "/"}, "--cwd and --work-folder"},
        {{"--timeout", " 5"}, "` 5` is none"},
        {{"--max-memory", "0"}, "--max-memory must be"},
        {{"--max-memory", "-5"}, "--max-memory must be"},
        {{"--max-disk", "1.5"}, "megabytes"},
        {{"--backend", "conda"}, "--backend cannot be `conda`"},
        {{"--backend", "UV"}, "--backend cannot be `UV`"},
        {{"--storage", "floppy"}, "--storage cannot be `floppy`"},
        {{"--security", "sandboxed"}, "--security cannot be `sandboxed`"},
        {{"--isolation", "container"}, "--isolation cannot be `container`"},
        {{"--python", "banana"}, "--python is neither"},
        {{"--name", "a/b"}, "the name"},
        {{"--name", "a\nb"}, "the name"},
        {{"--name", std::string(300, 'a')}, "300 characters"},
        {{"--name", ".."}, "the name"},
        {{"--name", ""}, "--name is empty"},
        {{"--name", "a", "--name", "b"}, "--name is given 2 times"},
        {{"--packages", ""}, "--packages is empty"},
        {{"--packages", "a,,b"}, "is no package"},
        {{"--packages", "--index-url=x"}, "`--index-url=x` is no package"},
        {{"--packages", "-r /etc/passwd"}, "`-r /etc/passwd` is no package"},
        {{"--packages", "a; rm -rf /"}, "`a; rm -rf /` is no package"},
        {{"--requirements", ""}, "--requirements is empty"},
        {{"--set-env", "A"}, "--set-env takes NAME=VALUE"},
        {{"--set-env", "=A"}, "--set-env takes NAME=VALUE"},
        {{"--pass-env", "A=B"}, "--pass-env takes the name"},
        {{"--pass-env", ""}, "--pass-env takes the name"},
        {{"--verbose=yes"}, "--verbose takes no value"},
        {{"--cwd", ""}, "--cwd is empty"},
    }));
    words line{"run"};
    line.insert(line.end(), options.begin(), options.end());
    line.emplace_back("true");
    auto problem = refused(line);
    CAPTURE(options, problem.message);
    CHECK(problem.message.find(part) != std::string::npos);
    CHECK(!problem.hint.empty());
    CHECK(problem.message.find('\n') == std::string::npos);
}

TEST_CASE("a command must be there") {
    auto line = GENERATE(words{"run"}, words{"run", "--"}, words{"run", ""}, words{"run", "--", ""},
                         words{"run", "--timeout", "5"}, words{"run", "--timeout"}, words{"--", "true"});
    auto problem = refused(line);
    CHECK(!problem.message.empty());
    CHECK(!problem.hint.empty());
}

TEST_CASE("an option takes the next word as its value, whatever it looks like") {
    CHECK(refused({"run", "--name", "--packages", "a", "true"}).message.find("the name starts with -") !=
          std::string::npos);
    CHECK(parsed({"run", "--set-env", "A=--", "true"}).command.variables.at("A") == "--");
}
