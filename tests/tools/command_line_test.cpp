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

TEST_CASE("without options an environment has the defaults and lives as long as its command") {
    auto request = parsed({"run", "true"});
    environment_spec expected;
    expected.ttl = unlimited;
    CHECK(request.environment == expected);
    CHECK(request.command.streams == stream_mode::inherit);
    CHECK(!request.command.timeout);
    CHECK(request.command.working_directory.empty());
    CHECK(request.passed_variables.empty());
    CHECK(!request.receipt);
    CHECK(!request.verbose);
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
    CHECK(request.verbose);
    CHECK(parsed({"run", "--requirements", "r.txt", "true"}).environment.requirements_file == "r.txt");
}

TEST_CASE("the option --verbose stands before or after the command's name") {
    CHECK(parsed({"-v", "run", "true"}).verbose);
    CHECK(parsed({"run", "--verbose", "true"}).verbose);
    CHECK(!parsed({"run", "true", "-v"}).verbose);
}

TEST_CASE("help and version are texts that were asked for, whatever else stands there") {
    auto line =
        GENERATE(words{"--help"}, words{"-h"}, words{"--version"}, words{"run", "--help"}, words{"run", "-h"},
                 words{"run", "--ttl", "abc", "--help"}, words{"run", "--version"});
    auto text = parsed_text(line);
    CHECK(text.asked_for);
    CHECK(text.text.back() == '\n');
}

TEST_CASE("no command at all is answered with the help that nobody asked for") {
    auto text = parsed_text({});
    CHECK(!text.asked_for);
    CHECK(text.text == parsed_text({"--help"}).text);
    CHECK(!parsed_text({"-v"}).asked_for);
}

TEST_CASE("help names every option and keeps its lines short") {
    auto text = parsed_text({"run", "--help"}).text;
    for (const char* option : {"--packages", "--requirements", "--backend", "--python", "--cwd", "--timeout",
                               "--name", "--ttl", "--storage", "--security", "--isolation", "--max-disk",
                               "--set-env", "--pass-env", "--receipt", "--verbose", "--help"})
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
        {{"--ttl", "99999999999999999999999"}, "whole number"},
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
        {{"--timeout", "5s"}, "`5s` is none"},
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
        {{"--packages", "requests", "--requirements", "r.txt"}, "--packages and --requirements"},
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
