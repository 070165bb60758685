// SPDX-License-Identifier: MIT
// `gestvenv console` from a file, a pipe and a word.
#include "tests/end_to_end/node_scene.hpp"
#include "tests/support/places.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <filesystem>
#include <string>

using namespace gestvenv::test;

namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a console's script makes, uses and ends an environment, with the words of the command line") {
    node_scene place;
    place.write("all.console", "# what a person would type\n"
                               "create work --ttl 600; use work\n"
                               "run sh -c 'echo in $VIRTUAL_ENV_PROMPT;\n"
                               "  echo second'   # two lines\n"
                               "run \\\n"
                               "  sh -c 'cat >/dev/null; echo third'\n"
                               "exec work echo fourth\n"
                               "cleanup work\n"
                               "list\n");
    auto result = place.gestvenv({"console", "all.console"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK(has(result.out, "  work\n"));
    CHECK(has(result.out, "second\nthird\nfourth\n"));
    CHECK(has(result.out, "no environments\n"));
    CHECK(has(result.err, "work has ended"));
}

TEST_CASE("a script stops at the first line that fails, names it, and has its status") {
    node_scene place;
    place.create({"work"});
    place.write("fails.console", "use work\n\nrun sh -c 'exit 7'\nrun echo after\n");
    auto result = place.gestvenv({"console", "fails.console"});
    CHECK(result.status == 7);
    CHECK(result.out.empty());
    CHECK(has(result.err, "fails.console:3: ended with status 7"));

    place.write("wrong.console", "use work\nrun echo first; instal rich; run echo after\nrun echo later\n");
    result = place.gestvenv({"console", "wrong.console"});
    CHECK(result.status == 2);
    CHECK(result.out == "first\n");
    CHECK(has(result.err, "did you mean install?"));
    CHECK(has(result.err, "wrong.console:2: ended with status 2"));

    result = place.gestvenv({"console", "--keep-going", "wrong.console"});
    CHECK(result.status == 2);
    CHECK(result.out == "first\nlater\n");

    place.write("open.console", "use work\nrun echo 'never closed\n");
    result = place.gestvenv({"console", "open.console"});
    CHECK(result.status == 2);
    CHECK(has(result.err, "never closed"));
    CHECK(has(result.err, "open.console:2: "));

    CHECK(place.gestvenv({"console", "-c", "show unknown"}).status == 1);
    CHECK(place.gestvenv({"console", "-c", "exit 9; list"}).status == 9);
    CHECK(place.gestvenv({"console", "missing.console"}).status == 2);
    CHECK(place.gestvenv({"console", "-c", "list", "wrong.console"}).status == 2);
}

TEST_CASE("a console reads commands from a pipe line by line, and leaves the rest to what they run") {
    node_scene place;
    place.create({"work"});
    auto result = place.shell("printf 'use work\\nrun cat\\nfor the program\\n' | \"$GESTVENV\" console");
    INFO(result.err);
    CHECK(result.status == 0);
    CHECK(result.out == "for the program\n");
    CHECK(result.err.empty());
    result = place.shell("printf 'list\\r\\nstats --format json' | \"$GESTVENV\" console");
    CHECK(result.status == 0);
    CHECK(has(result.out, "work"));
    CHECK(has(result.out, "\"active_environments\": 1"));
    result = place.shell("printf 'list --frob\\n' | \"$GESTVENV\" console");
    CHECK(result.status == 2);
    CHECK(has(result.err, "standard input:1: "));
}

TEST_CASE("commands of a console are about its node and its environment, unless they name another") {
    node_scene place;
    place.create({"one"});
    place.create({"two"});
    auto result =
        place.gestvenv({"console", "-c", "use one; show; run --env two sh -c 'echo ran'; show two"});
    INFO(result.err);
    CHECK(result.status == 0);
    const auto first = result.out.find("one");
    const auto ran = result.out.find("ran\n");
    REQUIRE(ran != std::string::npos);
    CHECK(first < ran);
    CHECK(result.out.find("two") > ran);
    // Behind `use`, a first operand that is an environment is meant as one.
    CHECK(place.gestvenv({"console", "-c", "use one; install two"}).err.find("there is nothing to install") !=
          std::string::npos);
    CHECK(place.gestvenv({"console", "-c", "run echo"}).err.find("use ENVIRONMENT") != std::string::npos);
    result = place.gestvenv({"console", "-c", "list --node /somewhere"});
    CHECK(result.status == 2);
    CHECK(has(result.err, "gestvenv console --node"));
    result = place.gestvenv({"console", "--node", "/not/there.sock", "-c", "list"});
    CHECK(result.status == 125);
}

TEST_CASE("commands that name no environment are about the one that is used") {
    node_scene place;
    place.create({"one"});
    place.create({"two"});
    place.write("data.txt", "carried\n");
    place.write("used.console", "use one\n"
                                "exec sh -c 'echo in $GESTVENV_TEST' with --options -of its own\n"
                                "exec --set-env GESTVENV_TEST=first -- sh -c 'echo in $GESTVENV_TEST'\n"
                                "exec two --set-env GESTVENV_TEST=second -- sh -c 'echo in $GESTVENV_TEST'\n"
                                "cp data.txt :\n"
                                "exec --work-folder cat data.txt\n"
                                "cp :data.txt copied.txt\n"
                                "cleanup two; cleanup\n"
                                "list\n");
    auto result = place.gestvenv({"console", "used.console"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK(has(result.out, "in\nin first\nin second\ncarried\n"));
    CHECK(content_of(place.folder() / "copied.txt") == "carried\n");
    CHECK(has(result.out, "no environments\n"));
    CHECK(has(result.err, "one has ended"));
}

TEST_CASE("with an environment in use, cleanup of all or of orphans is not about it alone") {
    node_scene place;
    place.create({"one"});
    place.create({"two"});
    auto result =
        place.gestvenv({"console", "-c", "use one; cleanup --orphans; show; cleanup --all --force; list"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK(has(result.out, "no environments\n"));
}

TEST_CASE("a command about an environment says what is missing where none is named or used") {
    node_scene place;
    place.create({"one"});
    for (const char* line : {"cleanup", "exec", "shell", "attach", "cp :a b", "show"}) {
        CAPTURE(line);
        CHECK(place.gestvenv({"console", "-c", line}).status == 2);
    }
    // A few characters of an id are as likely a program.
    const auto id = place.json_of({"ephemeral", "show", "one", "--format", "json"})["id"].get<std::string>();
    auto result = place.gestvenv({"console", "-c", "use one; exec " + id.substr(0, 4) + " true"});
    CHECK(result.status == 127);
    CHECK(place.gestvenv({"console", "-c", "use one; exec " + id.substr(0, 8) + " true"}).status == 0);
}

TEST_CASE("errors and help of a console call commands as they are typed there") {
    node_scene place;
    auto result = place.gestvenv({"console", "-c", "show unknown"});
    CHECK(has(result.err, "hint: list --all"));
    CHECK_FALSE(has(result.err, "gestvenv ephemeral"));
    result = place.gestvenv({"console", "-c", "help create"});
    CHECK(result.status == 0);
    CHECK(has(result.out, "usage: create [OPTION...] [NAME]"));
    CHECK(has(result.out, "  create ci-test --requirements"));
    CHECK_FALSE(has(result.out, "--node"));
    result = place.gestvenv({"console", "-c", "help"});
    for (const char* part : {"use ci-test", "install rich", "shell", "top", "events", "watch list", "Ctrl-C"})
        CHECK(has(result.out, part));
    result = place.gestvenv({"console", "-c", "install rich>=13"});
    CHECK(has(result.err, "quote it, as in 'rich>=13'"));
}

TEST_CASE("a console has the commands about the node, its tokens, the configuration and the machine") {
    node_scene place;
    for (const bool embedded : {false, true}) {
        CAPTURE(embedded);
        place.write("all.console", "config set default_ttl 10m\nconfig get default_ttl\n"
                                   "token create ci\ntoken list\ntoken revoke ci\n"
                                   "create work\nnode start\nnode status\nuse work\ndoctor --quick\n"
                                   "node logs --lines 1\nshow\nnode stop\n");
        std::vector<std::string> words{"console", "all.console"};
        if (embedded)
            words.insert(words.begin() + 1, "--embedded");
        auto result = place.gestvenv(words);
        INFO(result.out << result.err);
        CHECK(result.status == 0);
        for (const char* part :
             {"600\n", "gvt_", "token ci (", "version ", "interpreters\n", "work", "has ended"})
            CHECK(has(result.out, part));
        CHECK(place.node() == 0);
    }
    for (const char* line : {"node start --foreground", "node open --browser"}) {
        auto result = place.gestvenv({"console", "-c", line});
        CAPTURE(line, result.out, result.err);
        CHECK(result.status == 2);
        CHECK(has(result.err, "hint: "));
    }
    CHECK(has(place.gestvenv({"console", "-c", "help node start"}).out, "usage: node start [OPTION...]"));
    CHECK(
        has(place.gestvenv({"console", "-c", "gestvenv ephemeral list"}).err, "without the words gestvenv"));
    CHECK(place.node() == 0);
}

TEST_CASE("a session is refused where a console has no terminal, and the table of top is printed once") {
    node_scene place;
    place.create({"work"});
    for (const char* line : {"shell", "attach"}) {
        CAPTURE(line);
        auto result = place.gestvenv({"console", "-c", std::string{"use work; "} + line});
        CHECK(result.status == 125);
        CHECK(has(result.err, "standard input and output are not a terminal"));
        CHECK(has(result.err, "with pipes and files: exec ENVIRONMENT CMD"));
        CHECK(result.out.empty());
    }
    auto result = place.gestvenv({"console", "-c", "top"});
    CHECK(result.status == 0);
    CHECK(has(result.out, "work"));
}

TEST_CASE("the tree names the node's services and environments") {
    node_scene place;
    place.create({"work"});
    auto result = place.gestvenv({"console", "-c", "tree"});
    CHECK(result.status == 0);
    CHECK(has(result.out, "─ gestvenv.services"));
    CHECK(has(result.out, "─ reaper  running"));
    CHECK(has(result.out, "─ work ("));
    CHECK(place.json_of({"console", "-c", "tree --format json"})["name"] == "gestvenv.supervisor");
}

TEST_CASE("an embedded console has environments of its own, which end with it") {
    node_scene place;
    auto result = place.gestvenv({"console", "--embedded", "-c",
                                  "create mine; use mine; run sh -c 'echo ran'; list --format json; stats"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK(has(result.out, "ran\n"));
    CHECK(has(result.out, "\"name\": \"mine\""));
    CHECK(has(result.err, "ending with the console: mine"));
    CHECK(place.node() == 0);
    CHECK(place.gestvenv({"ephemeral", "list"}).out == "no environments\n");
    auto ended = place.gestvenv({"ephemeral", "show", "mine"});
    CHECK(has(ended.out, "left         nothing"));
}

TEST_CASE("an embedded console that is told to end leaves nothing") {
    node_scene place;
    auto console = place.start({"console", "--embedded", "-c",
                                "create mine --ttl 600; use mine; run sh -c 'echo $$; exec sleep 1000'"});
    console.wait_for_lines(2);
    console.send(SIGTERM);
    auto result = console.wait();
    CHECK(result.signal == SIGTERM);
    CHECK(place.gestvenv({"ephemeral", "list"}).out == "no environments\n");
    CHECK(has(place.gestvenv({"ephemeral", "show", "mine"}).out, "left         nothing"));
}

TEST_CASE("an interactive environment takes commands from a pipe, and ends after them") {
    node_scene place;
    auto result = place.shell("printf 'run sh -c \"echo in it\"\\ninfo\\nexit\\nrun echo after\\n' |"
                              " \"$GESTVENV\" ephemeral create work --interactive");
    INFO(result.err);
    CHECK(result.status == 0);
    CHECK(has(result.out, "in it\n"));
    CHECK(has(result.out, "name     work"));
    CHECK_FALSE(has(result.out, "after"));
    CHECK(has(result.err, "work has ended, and nothing is left of it"));
    CHECK(place.json_of({"ephemeral", "list", "--format", "json"}).empty());

    result = place.shell("printf 'run sh -c \"exit 5\"\\nrun echo after\\n' |"
                         " \"$GESTVENV\" --offline ephemeral create work --interactive");
    CHECK(result.status == 5);
    CHECK(result.out.empty());
    CHECK(place.json_of({"ephemeral", "list", "--format", "json"}).empty());
    CHECK(place.gestvenv({"ephemeral", "create", "--interactive", "--format", "json"}).status == 2);
    CHECK(place.gestvenv({"console", "-c", "create work --interactive"}).status == 2);
}
